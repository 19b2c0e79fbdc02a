"""Judging."""

from django.apps import AppConfig

from common import triggers
from common.triggers import Wall


class ReviewsConfig(AppConfig):
    """Panels, conflicts, assignments, ballots, the ledger, rankings."""

    name = "reviews"

    def ready(self) -> None:
        """Build the walls; load the outbox handlers and the app's rows of the visibility table."""
        from reviews import invariants, messages, visibility  # noqa: F401 - loaded for what they declare
        from reviews.services import aggregation, judging, statistics  # noqa: F401 - loaded for their outbox handlers

        triggers.never_changes(
            "reviews_ledgerentry",
            unless_update=(
                "NEW.nonce = '' AND NEW.document = '' AND NEW.id = OLD.id AND NEW.chain_id = OLD.chain_id"
                " AND NEW.sequence = OLD.sequence AND NEW.kind = OLD.kind AND NEW.commitment = OLD.commitment"
                " AND NEW.hash = OLD.hash AND NEW.at = OLD.at"
            ),
            unless_delete="EXISTS (SELECT 1 FROM reviews_chain c WHERE c.id = OLD.chain_id AND c.kind = 'rehearsal')",
        )
        in_conflict = (
            "EXISTS (SELECT 1 FROM reviews_assignment a JOIN reviews_conflict c"
            " ON c.juror_id = a.juror_id AND c.proposal_id = a.proposal_id"
            " WHERE a.id = NEW.assignment_id) AND NEW.state IN ('draft', 'complete')"
        )
        # Marks are cast before the lock, on an assignment that was not taken back; a text may still be erased later.
        not_castable = (
            "EXISTS (SELECT 1 FROM reviews_assignment a JOIN contests_proposal p ON p.id = a.proposal_id"
            " JOIN contests_call c ON c.id = p.call_id"
            " WHERE a.id = NEW.assignment_id AND (a.state = 'revoked' OR c.judging_closed_at IS NOT NULL))"
        )
        recast = f"(NEW.state <> OLD.state OR NEW.marks <> OLD.marks) AND {not_castable}"
        assigned_in_conflict = (
            "NEW.state = 'assigned' AND EXISTS (SELECT 1 FROM reviews_conflict c"
            " WHERE c.juror_id = NEW.juror_id AND c.proposal_id = NEW.proposal_id)"
        )
        triggers.build(
            Wall("a_juror_in_conflict_casts_no_ballot", "reviews_ballot", "INSERT", in_conflict),
            Wall("a_juror_in_conflict_changes_no_ballot", "reviews_ballot", "UPDATE", in_conflict),
            Wall("a_ballot_is_cast_on_an_assignment_that_holds", "reviews_ballot", "INSERT", not_castable),
            Wall("a_ballot_is_changed_before_the_lock", "reviews_ballot", "UPDATE", recast),
            Wall("a_juror_in_conflict_is_not_assigned", "reviews_assignment", "INSERT", assigned_in_conflict),
            Wall("a_juror_in_conflict_is_not_assigned_again", "reviews_assignment", "UPDATE", assigned_in_conflict),
            Wall(
                "a_closed_chain_takes_no_entry",
                "reviews_chain",
                "UPDATE",
                "OLD.closed_at IS NOT NULL AND (NEW.sequence <> OLD.sequence OR NEW.head <> OLD.head)",
            ),
        )

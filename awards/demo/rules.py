"""The rule sets of the demo: the ready ones as an organiser would change them, and two of its own."""

from typing import Any

from engine.library import ready_rules

Text = dict[str, str]
Document = dict[str, Any]


def ready(code: str, **changes: object) -> Document:
    """Return a ready rule set with some of its keys changed."""
    return ready_rules()[code].document | changes


def half_marks(code: str, title: Text, description: Text) -> Document:
    """Return a criterion of weight 1 with half marks in the words of the ready label."""
    scale = ready("good-practice-label")["criteria"][0]["scale"] | {"step": "0.5"}
    return {"code": code, "title": title, "kind": "judged", "weight": "1", "scale": scale, "description": description}


URBAN_PRACTICE = (
    half_marks("integrated", {"it": "Integrata e partecipata", "en": "Integrated and participatory"},
              {"it": "Quali uffici e quali cittadini la fanno insieme.", "en": "Which offices and which citizens do it together."}),
    half_marks("local-impact", {"it": "Impatto locale", "en": "Local impact"},
              {"it": "Che cosa è cambiato in città, con quali prove.", "en": "What has changed in the city, and how you know."}),
    half_marks("relevance", {"it": "Rilevanza", "en": "Relevance"},
              {"it": "A quali sfide di altre città risponde.", "en": "Which challenges of other cities it answers."}),
    half_marks("transferability", {"it": "Trasferibilità", "en": "Transferability"},
              {"it": "Che cosa può prendere un’altra città, da subito.", "en": "What another city can take up at once."}),
)  # fmt: skip


def urban_label() -> Document:
    """Return the assessors' rules: half marks from 0 to 5, 3 on each criterion and 12 out of 20 to pass."""
    gates = [{"on": f"criterion:{each['code']}", "minimum": "3"} for each in URBAN_PRACTICE]
    return {
        "entry": "individual",
        "criteria": list(URBAN_PRACTICE),
        "combine": {"method": "mean"},
        "points": "mark",
        "rounding": ready("good-practice-label")["rounding"],
        "gates": [*gates, {"on": "total", "minimum": "12"}],
        "ties": ["criterion:transferability", "criterion:local-impact", "earliest"],
        "quorum": 2,
    }


def frame_of_analysis() -> Document:
    """Return the frame in which analysts read a practice: five headings, no number."""
    headings = (
        ("preconditions", "Condizioni di premessa", "Preconditions"),
        ("mechanisms", "Meccanismi operativi", "Operational mechanisms"),
        ("resources", "Risorse", "Resources"),
        ("outcomes", "Esiti", "Outcomes"),
        ("replicability", "Replicabilità", "Replicability"),
    )
    criteria = [{"code": code, "title": {"it": it, "en": en}, "kind": "judged"} for code, it, en in headings]
    return {"entry": "qualitative", "criteria": criteria}


def first_come() -> Document:
    """Return the rules of a small fund: who passes 60 is paid in order of arrival while money lasts."""
    fund = {"budget": "30000", "when_short": "skip"}
    return ready("business-idea", ties=["earliest"], fund=fund, places="competition")

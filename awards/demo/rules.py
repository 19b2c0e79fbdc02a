"""The rule sets of the demo, as an organiser would write them."""

from typing import Any

Text = dict[str, str]
Document = dict[str, Any]


def criterion(code: str, weight: int, title: Text, description: Text, scale: Document) -> Document:
    """Return a criterion that jurors mark."""
    return {
        "code": code,
        "title": title,
        "kind": "judged",
        "weight": str(weight),
        "scale": scale,
        "description": description,
    }


def levels(*words: Text) -> list[Document]:
    """Return the words of the whole marks, from 0."""
    return [{"mark": str(mark), "title": title} for mark, title in enumerate(words)]


ZERO_TO_FIVE = {
    "min": "0",
    "max": "5",
    "step": "1",
    "labels": levels(
        {"it": "Assente", "en": "Absent"},
        {"it": "Debole", "en": "Weak"},
        {"it": "Sufficiente", "en": "Sufficient"},
        {"it": "Buono", "en": "Good"},
        {"it": "Ottimo", "en": "Very good"},
        {"it": "Esemplare", "en": "Exemplary"},
    ),
}
HALF_MARKS = {**ZERO_TO_FIVE, "step": "0.5"}
TO_THE_CENT = [
    {"at": "combined", "places": 2, "mode": "half_up"},
    {"at": "total", "places": 2, "mode": "half_up"},
]

BUSINESS_CASE = (
    criterion("impact", 25, {"it": "Impatto sociale", "en": "Social impact"},
              {"it": "Chi sta meglio, di quanto, e come lo si misura.", "en": "Who is better off, by how much, and how it is measured."},
              ZERO_TO_FIVE),
    criterion("economy", 20, {"it": "Sostenibilità economica", "en": "Economic sustainability"},
              {"it": "Entrate, costi e cosa succede quando finisce il contributo.", "en": "Income, costs, and what happens when the grant ends."},
              ZERO_TO_FIVE),
    criterion("innovation", 15, {"it": "Innovazione", "en": "Innovation"},
              {"it": "Che cosa è diverso da ciò che c’era.", "en": "What is different from what there was."},
              ZERO_TO_FIVE),
    criterion("replicability", 15, {"it": "Replicabilità", "en": "Replicability"},
              {"it": "Altri potrebbero rifarlo altrove, con che cosa.", "en": "Whether others could do it elsewhere, and with what."},
              ZERO_TO_FIVE),
    criterion("network", 15, {"it": "Rete e comunità", "en": "Network and community"},
              {"it": "Chi partecipa alle scelte, chi mette che cosa.", "en": "Who takes part in the choices, who brings what."},
              ZERO_TO_FIVE),
    criterion("governance", 10, {"it": "Governance e persone", "en": "Governance and people"},
              {"it": "Chi decide, chi lavora, a quali condizioni.", "en": "Who decides, who works, on what terms."},
              ZERO_TO_FIVE),
)  # fmt: skip
BUSINESS_IDEA = (
    criterion("need", 25, {"it": "Bisogno e soluzione", "en": "Need and solution"},
              {"it": "Di chi è il bisogno, e perché questa risposta funziona.", "en": "Whose need it is, and why this answer works."},
              ZERO_TO_FIVE),
    criterion("innovation", 20, {"it": "Innovazione", "en": "Innovation"},
              {"it": "Che cosa cambia rispetto a chi ci ha già provato.", "en": "What changes compared with those who tried before."},
              ZERO_TO_FIVE),
    criterion("feasibility", 20, {"it": "Fattibilità", "en": "Feasibility"},
              {"it": "Tempi, costi, permessi: che cosa manca per partire.", "en": "Time, costs, permits: what is missing to begin."},
              ZERO_TO_FIVE),
    criterion("team", 15, {"it": "Squadra", "en": "Team"},
              {"it": "Chi lo farà, e che cosa sa già fare.", "en": "Who will do it, and what they can do already."},
              ZERO_TO_FIVE),
    criterion("expected-impact", 15, {"it": "Impatto atteso", "en": "Expected impact"},
              {"it": "Che cosa cambierà, e come lo saprete.", "en": "What will change, and how you will know."},
              ZERO_TO_FIVE),
    criterion("sdg", 5, {"it": "Obiettivi Agenda 2030", "en": "SDG coherence"},
              {"it": "A quali obiettivi contribuisce davvero.", "en": "Which goals it really serves."},
              ZERO_TO_FIVE),
)  # fmt: skip
PRACTICE_LABEL = (
    criterion("innovation", 30, {"it": "Innovazione", "en": "Innovation"},
              {"it": "Che cosa ha di nuovo nel suo territorio.", "en": "What is new about it where it stands."}, ZERO_TO_FIVE),
    criterion("impact", 30, {"it": "Impatto", "en": "Impact"},
              {"it": "Che cosa è cambiato per le persone.", "en": "What has changed for people."}, ZERO_TO_FIVE),
    criterion("replicability", 25, {"it": "Replicabilità", "en": "Replicability"},
              {"it": "Che cosa serve per rifarla.", "en": "What it takes to do it again."}, ZERO_TO_FIVE),
    criterion("participation", 15, {"it": "Partecipazione", "en": "Participation"},
              {"it": "Quanto contano soci, utenti e vicini.", "en": "How much members, users and neighbours count."}, ZERO_TO_FIVE),
)  # fmt: skip
URBAN_PRACTICE = (
    criterion("integrated", 1, {"it": "Integrata e partecipata", "en": "Integrated and participatory"},
              {"it": "Quali uffici e quali cittadini la fanno insieme.", "en": "Which offices and which citizens do it together."}, HALF_MARKS),
    criterion("local-impact", 1, {"it": "Impatto locale", "en": "Local impact"},
              {"it": "Che cosa è cambiato in città, con quali prove.", "en": "What has changed in the city, and how you know."}, HALF_MARKS),
    criterion("relevance", 1, {"it": "Rilevanza", "en": "Relevance"},
              {"it": "A quali sfide di altre città risponde.", "en": "Which challenges of other cities it answers."}, HALF_MARKS),
    criterion("transferability", 1, {"it": "Trasferibilità", "en": "Transferability"},
              {"it": "Che cosa può prendere un’altra città, da subito.", "en": "What another city can take up at once."}, HALF_MARKS),
)  # fmt: skip


def weighted(criteria: tuple[Document, ...], gate: int, *ties: str, quorum: int = 2, **more: object) -> Document:
    """Return rules in hundredths: the mean of the jurors, a gate on the total, a tie chain."""
    return {
        "entry": "individual",
        "criteria": list(criteria),
        "combine": {"method": "mean"},
        "rounding": TO_THE_CENT,
        "gates": [{"on": "total", "minimum": str(gate)}],
        "ties": list(ties),
        "quorum": quorum,
        **more,
    }


def urban_label() -> Document:
    """Return the assessors' rules: half marks from 0 to 5, 3 on each criterion and 12 out of 20 to pass."""
    gates = [{"on": f"criterion:{each['code']}", "minimum": "3"} for each in URBAN_PRACTICE]
    return {
        "entry": "individual",
        "criteria": list(URBAN_PRACTICE),
        "combine": {"method": "mean"},
        "points": "mark",
        "rounding": TO_THE_CENT,
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
    return weighted(BUSINESS_IDEA, 60, "earliest", fund={"budget": "30000", "when_short": "skip"}, places="competition")

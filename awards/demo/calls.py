"""The calls of the demo: one in every phase, each with the numbers of its programme."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from awards.demo import rules
from awards.demo.rules import Document, Text, ready
from awards.demo.when import When
from contests.lifecycle import Phase


@dataclass(frozen=True, slots=True)
class PrizePlan:
    """What can be won."""

    code: str
    title: Text
    summary: Text
    places: int | None = None
    conditions: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are submitted, how many of these are excluded or withdrawn, and how many stay drafts."""

    submitted: int = 0
    drafts: int = 0
    excluded: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class CategoryPlan:
    """What is entered, how many enter it, and how it is judged."""

    code: str
    title: Text
    summary: Text
    question: Text
    help: Text
    rules: Document
    prizes: tuple[PrizePlan, ...] = ()
    words: int = 250
    shelf: str = "cases"
    counts: Counts = Counts()


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A call, its dates, and the phase to which it has come."""

    code: str
    initials: str
    colour: str
    programme: str
    edition: str
    phase: Phase
    outcome: str
    title: Text
    summary: Text
    who: Text
    given: Text
    place: str
    opens: When
    closes: When
    judging_ends: When
    ceremony: When | None
    categories: tuple[CategoryPlan, ...]
    per_proposal: int = 3
    english: bool = False


PROGRAMMES: dict[str, tuple[Text, str]] = {
    "social-innovation-network": (
        {"it": "Social Innovation Network 2013-2014", "en": "Social Innovation Network 2013-2014"}, "Consorzio Prova",
    ),
    "futuro-coop": (
        {"it": "Futuro.coop", "en": "Futuro.coop"}, "Rete Modello",
    ),
    "boost-ecosystem": (
        {"it": "Città e innovazione sociale", "en": "Cities and social innovation"}, "Città Esempio",
    ),
}  # fmt: skip
EDITIONS: dict[str, Text] = {
    "cantieri": {"it": "Cantieri sull’innovazione 2013-2014", "en": "Building sites for innovation 2013-2014"},
    "prima": {"it": "Prima edizione", "en": "First edition"},
    "mappa": {"it": "La mappa", "en": "The map"},
    "marchio": {"it": "Il marchio", "en": "The label"},
    "rete": {"it": "La rete delle dieci città", "en": "The network of ten cities"},
}

WHAT_CHANGED: Text = {"it": "Che cosa è cambiato, e come lo sapete?", "en": "What has changed, and how do you know?"}
DATA_HELP: Text = {
    "it": "Un dato prima, un dato dopo, e chi l’ha raccolto.",
    "en": "A figure before, a figure after, and who collected it.",
}
WHO_CASE: Text = {
    "it": "Imprese, cooperative, associazioni e gruppi di almeno tre persone con sede o attività in Italia. Si può inviare"
    " una proposta per categoria. Un’organizzazione può vincere un solo premio.",
    "en": "Companies, co-operatives, associations and groups of at least three people based or active in Italy. One"
    " proposal in each category. An organisation can win one prize only.",
}


def _case(prizes: tuple[PrizePlan, ...], document: Document, counts: Counts) -> CategoryPlan:
    return CategoryPlan(
        "business-case",
        {"it": "Casi imprenditoriali", "en": "Business cases"},
        {"it": "Chi lavora già da almeno un anno.", "en": "For those who have been at work for at least a year."},
        WHAT_CHANGED, DATA_HELP, document, prizes, counts=counts,
    )  # fmt: skip


def _idea(prizes: tuple[PrizePlan, ...], document: Document, counts: Counts) -> CategoryPlan:
    return CategoryPlan(
        "business-idea",
        {"it": "Idee d’impresa", "en": "Business ideas"},
        {"it": "Chi vuole cominciare, anche senza un’impresa.", "en": "For those who want to begin, even without a company."},
        {"it": "Che cosa cambierà, e che cosa manca per partire?", "en": "What will change, and what is missing to begin?"},
        {"it": "Tempi, costi, persone. La giuria legge questa risposta per prima.",
         "en": "Time, costs, people. The jury reads this answer first."},
        document, prizes, shelf="ideas", counts=counts,
    )  # fmt: skip


BEST_CASE = PrizePlan(
    "best-case", {"it": "Miglior caso imprenditoriale", "en": "Best business case"},
    {"it": "10.000 € ciascuno e sei mesi di accompagnamento.", "en": "€10,000 each and six months of support."},
    3, {"ex_aequo": False, "one_per": ["organisation"]},
)  # fmt: skip
BEST_IDEA = PrizePlan(
    "best-idea", {"it": "Miglior idea d’impresa", "en": "Best business idea"},
    {"it": "4.000 € ciascuna e uno spazio di lavoro per un anno.", "en": "€4,000 each and a place to work for a year."},
    3, {"minimum": "75"},
)  # fmt: skip
HEALTH = PrizePlan(
    "health", {"it": "Menzione salute", "en": "Health prize"},
    {"it": "Un anno di consulenza, a chi supera 90 punti.", "en": "A year of advice, for whoever passes 90 points."},
    1, {"eligible": {"theme": "salute"}, "minimum": "90"},
)  # fmt: skip
CASE_RULES = ready("business-case")
IDEA_RULES = ready("business-idea")
EARLIEST = ["criterion:impact", "earliest"]

FARE_RETE = CallPlan(
    "fare-rete-2013", "FR", "giallo", "social-innovation-network", "cantieri", Phase.OPEN, "awards",
    {"it": "Fare Rete. Cantieri per l’innovazione sociale", "en": "Fare Rete. Building sites for social innovation"},
    {"it": "Cerchiamo tre casi imprenditoriali e tre idee che tengono insieme le persone: ambiente, casa, educazione,"
           " salute. Imprese, cooperative e gruppi informali.",
     "en": "We are looking for three business cases and three ideas that hold people together: environment, housing,"
           " education, health. Companies, co-operatives and informal groups."},
    WHO_CASE,
    {"it": "Sei premi: tre da 10.000 € e tre da 4.000 €.", "en": "Six prizes: three of €10,000 and three of €4,000."},
    "Milano, via Romagnosi",
    When(-100, "09:00"), When(6, "18:00"), When(38, "18:00"), When(53, "12:30"),
    (_case((BEST_CASE,), CASE_RULES, Counts(submitted=14, drafts=5)), _idea((BEST_IDEA,), IDEA_RULES, Counts(submitted=9, drafts=4))),
)  # fmt: skip
SECOND_LIFE = CallPlan(
    "seconda-vita", "SV", "petrolio", "social-innovation-network", "cantieri", Phase.SCREENING, "awards",
    {"it": "Seconda vita", "en": "Second life"},
    {"it": "Materiali, edifici e mestieri che ricominciano. Premiamo tre imprese che fanno durare le cose e le persone.",
     "en": "Materials, buildings and trades that begin again. Three prizes for companies that make things and people last."},
    WHO_CASE,
    {"it": "Tre premi da 8.000 €.", "en": "Three prizes of €8,000."},
    "Bologna",
    When(-50, "09:00"), When(-4, "18:00"), When(24, "18:00"), When(39, "17:00"),
    (_case((BEST_CASE,), CASE_RULES, Counts(submitted=34, excluded=3)), _idea((BEST_IDEA,), IDEA_RULES, Counts(submitted=22, excluded=5))),
)  # fmt: skip
CUSTODIANS = CallPlan(
    "custodi-di-quartiere", "CQ", "rosa", "social-innovation-network", "cantieri", Phase.JUDGING, "awards",
    {"it": "Custodi di quartiere", "en": "Keepers of the neighbourhood"},
    {"it": "Chi si prende cura di un luogo, e ne vive. Tre premi a chi lo fa insieme ai vicini.",
     "en": "Those who look after a place, and live by it. Three prizes for those who do it with their neighbours."},
    WHO_CASE,
    {"it": "Tre premi da 6.000 €.", "en": "Three prizes of €6,000."},
    "Torino",
    When(-75, "09:00"), When(-23, "18:00"), When(8, "18:00"), When(23, "11:00"),
    (_case((BEST_CASE,), CASE_RULES, Counts(submitted=56, excluded=8)),),
)  # fmt: skip
COMMUNITY = CallPlan(
    "cantieri-di-comunita", "CC", "giallo", "social-innovation-network", "cantieri", Phase.DELIBERATION, "awards",
    {"it": "Cantieri di comunità", "en": "Community building sites"},
    {"it": "Imprese e idee che nascono da un luogo e gli restituiscono qualcosa. Quarantotto casi in graduatoria, tre premi.",
     "en": "Companies and ideas that grow out of a place and give something back. Forty-eight cases ranked, three prizes."},
    WHO_CASE,
    {"it": "Tre premi da 10.000 €, tre da 4.000 € e una menzione.", "en": "Three prizes of €10,000, three of €4,000, one special prize."},
    "Perugia",
    When(-120, "09:00"), When(-55, "18:00"), When(-2, "20:00"), When(12, "17:30"),
    (_case((BEST_CASE, HEALTH), CASE_RULES, Counts(submitted=51, excluded=2, withdrawn=1)),
     _idea((BEST_IDEA,), IDEA_RULES, Counts(submitted=10, excluded=1))),
)  # fmt: skip
SUMMER_SCHOOLS = CallPlan(
    "scuole-aperte-d-estate", "SA", "lilla", "social-innovation-network", "cantieri", Phase.PUBLISHED, "awards",
    {"it": "Scuole aperte d’estate", "en": "Schools open in summer"},
    {"it": "Che cosa può diventare una scuola quando finiscono le lezioni. Tre casi premiati, una menzione, un’idea.",
     "en": "What a school can become when lessons end. Three cases awarded, one mention, one idea."},
    WHO_CASE,
    {"it": "Tre premi da 5.000 € ai casi, tre da 2.000 € alle idee.", "en": "Three prizes of €5,000 for cases, three of €2,000 for ideas."},
    "Lecco",
    When(-160, "09:00"), When(-90, "18:00"), When(-40, "18:00"), When(-12, "12:30"),
    (_case((BEST_CASE,), ready("business-case", ties=EARLIEST), Counts(submitted=20, excluded=2)),
     _idea((BEST_IDEA, HEALTH), IDEA_RULES, Counts(submitted=10))),
)  # fmt: skip
FIRST_EDITION = CallPlan(
    "fare-rete-2012", "F1", "giallo", "social-innovation-network", "prima", Phase.ARCHIVED, "awards",
    {"it": "Fare Rete, prima edizione", "en": "Fare Rete, first edition"},
    {"it": "La prova generale: una categoria, un premio, dodici proposte.", "en": "The dress rehearsal: one category, one prize, twelve proposals."},
    WHO_CASE,
    {"it": "Tre premi da 3.000 €.", "en": "Three prizes of €3,000."},
    "Milano",
    When(-420, "09:00"), When(-370, "18:00"), When(-340, "18:00"), When(-330, "12:30"),
    (_case((BEST_CASE,), ready("business-case", ties=EARLIEST), Counts(submitted=12, excluded=1)),),
)  # fmt: skip
AREAS: tuple[tuple[str, Text], ...] = (
    ("local-development", {"it": "Sviluppo locale", "en": "Local development"}),
    ("social-agriculture", {"it": "Agricoltura sociale", "en": "Social agriculture"}),
    ("participatory-welfare", {"it": "Welfare partecipato", "en": "Participatory welfare"}),
    ("culture-and-commons", {"it": "Cultura e beni comuni", "en": "Culture and commons"}),
)
MAP = CallPlan(
    "futuro-coop", "FC", "verde", "futuro-coop", "mappa", Phase.PUBLISHED, "mapping",
    {"it": "Futuro.coop. Mappa dell’innovazione sociale", "en": "Futuro.coop. Map of social innovation"},
    {"it": "La mappa dell’innovazione sociale cooperativa: 135 progetti di 104 cooperative. Nessuna classifica: ogni"
           " esperienza letta da due analisti entra nel catalogo.",
     "en": "The map of co-operative social innovation: 135 projects of 104 co-operatives. No ranking: each experience read"
           " by two analysts enters the catalogue."},
    {"it": "Cooperative e loro consorzi, anche su segnalazione di un referente regionale.",
     "en": "Co-operatives and their consortia, also when named by a regional contact."},
    {"it": "Una scheda sulla mappa.", "en": "A page on the map."},
    "", When(-540, "09:00"), When(-420, "18:00"), When(-300, "18:00"), When(-60, "11:00"),
    tuple(
        CategoryPlan(code, title, {}, WHAT_CHANGED, DATA_HELP, rules.frame_of_analysis(), words=300)
        for code, title in AREAS
    ),
    per_proposal=2,
)  # fmt: skip
WELFARE = CallPlan(
    "futuro-coop-welfare", "FW", "verde", "futuro-coop", "mappa", Phase.OPEN, "mapping",
    {"it": "Futuro.coop", "en": "Futuro.coop"},
    {"it": "La mappa dell’innovazione sociale cooperativa, seconda raccolta: il welfare partecipato. Nessuna classifica:"
           " ogni esperienza letta da due analisti entra nel catalogo.",
     "en": "The map of co-operative social innovation, second round: participatory welfare. No ranking: each experience"
           " read by two analysts enters the catalogue."},
    {"it": "Cooperative.", "en": "Co-operatives."},
    {"it": "Una scheda sulla mappa.", "en": "A page on the map."},
    "", When(-20, "09:00"), When(51, "18:00"), When(110, "18:00"), None,
    (CategoryPlan("participatory-welfare", AREAS[2][1], {}, WHAT_CHANGED, DATA_HELP, rules.frame_of_analysis(),
                  words=300, counts=Counts(submitted=7, drafts=3)),),
    per_proposal=2,
)  # fmt: skip
LABEL = CallPlan(
    "futuro-coop-marchio", "FM", "petrolio", "futuro-coop", "marchio", Phase.ANNOUNCED, "label",
    {"it": "Futuro.coop. Il marchio", "en": "Futuro.coop. The label"},
    {"it": "Chi è sulla mappa può chiedere il marchio. Lo riceve chi supera 65 punti su 100, senza limite di posti.",
     "en": "Those on the map can ask for the label. All who pass 65 points out of 100 receive it; places are not limited."},
    {"it": "Le cooperative della mappa.", "en": "The co-operatives of the map."},
    {"it": "Il marchio per tre anni.", "en": "The label for three years."},
    "", When(9, "09:00"), When(60, "18:00"), When(95, "18:00"), When(110, "11:00"),
    (CategoryPlan(
        "practice", {"it": "Buone pratiche", "en": "Good practices"}, {}, WHAT_CHANGED, DATA_HELP,
        ready("good-practice-label"),
    ),),
    per_proposal=2,
)  # fmt: skip
URBAN = CallPlan(
    "buone-pratiche-urbane", "BP", "blu", "boost-ecosystem", "rete", Phase.OPEN, "label",
    {"it": "Buone pratiche urbane", "en": "Urban good practices"},
    {"it": "Dieci città si scambiano ciò che funziona. Chi passa riceve il marchio e può ospitare una visita di studio."
           " Also in English.",
     "en": "Ten cities exchange what works. Whoever passes receives the label and may host a study visit."},
    {"it": "Amministrazioni, reti e consorzi di città europee.", "en": "Administrations, networks and consortia of European cities."},
    {"it": "Il marchio, e sei visite di studio.", "en": "The label, and six study visits."},
    "Torino", When(-30, "09:00"), When(24, "12:00"), When(70, "18:00"), When(90, "11:00"),
    (CategoryPlan(
        "practice", {"it": "Pratiche", "en": "Practices"}, {}, WHAT_CHANGED, DATA_HELP, rules.urban_label(),
        (PrizePlan("visit", {"it": "Visita di studio", "en": "Study visit"}, {}, 6),),
        counts=Counts(submitted=6, drafts=2),
    ),),
    per_proposal=2, english=True,
)  # fmt: skip
PLANS = CallPlan(
    "piani-locali", "PL", "blu", "boost-ecosystem", "rete", Phase.SEALED, "label",
    {"it": "Piani d’azione locale", "en": "Local action plans"},
    {"it": "Dieci città hanno scritto un piano. Chi passa la lettura dei pari entra nella rete; l’esito si legge sul palco.",
     "en": "Ten cities have written a plan. Whoever passes peer review joins the network; the outcome is read on stage."},
    {"it": "Le dieci città della rete e i loro partner.", "en": "The ten cities of the network and their partners."},
    {"it": "Il marchio, e sei visite di studio.", "en": "The label, and six study visits."},
    "Milano", When(-110, "09:00"), When(-60, "12:00"), When(-8, "18:00"), When(2, "17:30"),
    (CategoryPlan(
        "plan", {"it": "Piani", "en": "Plans"}, {}, WHAT_CHANGED, DATA_HELP, rules.urban_label(),
        (PrizePlan("visit", {"it": "Visita di studio", "en": "Study visit"}, {}, 6),),
        counts=Counts(submitted=20, excluded=1),
    ),),
    per_proposal=2, english=True,
)  # fmt: skip
HOSTS = CallPlan(
    "citta-ospiti", "CO", "blu", "boost-ecosystem", "rete", Phase.DRAFT, "selection",
    {"it": "Città ospiti", "en": "Host cities"},
    {"it": "Chi ospita i prossimi incontri della rete.", "en": "Who hosts the next meetings of the network."},
    {"it": "Le città con il marchio.", "en": "Cities that hold the label."},
    {"it": "Tre incontri, con 15.000 € ciascuno.", "en": "Three meetings, with €15,000 each."},
    "", When(30, "09:00"), When(75, "12:00"), When(100, "18:00"), None,
    (CategoryPlan("host", {"it": "Candidature", "en": "Bids"}, {}, WHAT_CHANGED, DATA_HELP,
                  {**rules.urban_label(), "advance": {"count": 3}}),),
    english=True,
)  # fmt: skip
MICRO = CallPlan(
    "microcantieri", "MQ", "lilla", "social-innovation-network", "cantieri", Phase.OPEN, "rolling",
    {"it": "Microcantieri di quartiere", "en": "Small neighbourhood works"},
    {"it": "Piccoli contributi in ordine di arrivo, finché ci sono fondi. Rispondiamo entro 15 giorni.",
     "en": "Small grants in order of arrival, while funds last. You have an answer within 15 days."},
    {"it": "Gruppi informali di almeno tre persone.", "en": "Informal groups of at least three people."},
    {"it": "Fino a 3.000 €.", "en": "Up to €3,000."},
    "Torino", When(-40, "09:00"), When(140, "18:00"), When(160, "18:00"), None,
    (CategoryPlan("micro", {"it": "Microcantieri", "en": "Small works"}, {},
                  {"it": "Che cosa farete, dove, e con chi?", "en": "What will you do, where, and with whom?"},
                  {"it": "Anche poche righe.", "en": "A few lines will do."}, rules.first_come(), words=120, shelf="micro", counts=Counts(submitted=8, drafts=2)),),
)  # fmt: skip
CALLS = (
    FIRST_EDITION, MAP, SUMMER_SCHOOLS, PLANS, COMMUNITY, CUSTODIANS, SECOND_LIFE, FARE_RETE, URBAN, WELFARE, MICRO, LABEL, HOSTS,
)  # fmt: skip

"""The people of the demo. None of them exists; their surnames say so."""

from accounts.models import Person

SURNAMES = ("Prova", "Esempio", "Campione", "Modello", "Finta", "Saggio")
FIRST_NAMES = (
    "Alba", "Alessio", "Amina", "Andrea", "Beatrice", "Bianca", "Caterina", "Cesare", "Chiara", "Corrado", "Davide",
    "Delia", "Dora", "Emma", "Enrico", "Ester", "Ettore", "Federica", "Flora", "Francesco", "Gaia", "Giacomo",
    "Gloria", "Guido", "Ilaria", "Irene", "Ivo", "Jacopo", "Lara", "Leone", "Linda", "Livia", "Luca", "Lucia", "Marco",
    "Marta", "Matteo", "Mirco", "Nadia", "Nicola", "Nora", "Olga", "Omar", "Paola", "Pietro", "Rita", "Rocco",
    "Sabina", "Samir", "Sara", "Silvia", "Sofia", "Teresa", "Tommaso", "Ugo", "Valeria", "Vera", "Viola", "Zeno",
    "Zoe",
)  # fmt: skip

ORGANISER = "Ada Prova"
CHAIR = "Fabio Saggio"
JURORS = ("Bruno Esempio", "Carla Campione", "Dario Modello", "Elena Finta", "Fabio Saggio")
APPLICANT = "Giulia Saggio"


def address(name: str) -> str:
    """Return the address of a person of the demo."""
    return name.lower().replace(" ", ".") + "@example.org"


def make_people() -> dict[str, Person]:
    """Make everybody at once, {name: person}; they sign in by code or by link."""
    crowd = [f"{first} {last}" for last in SURNAMES for first in FIRST_NAMES]
    names = dict.fromkeys((ORGANISER, *JURORS, APPLICANT, *crowd))
    people = [Person(email=address(name), name=name) for name in names]
    for person in people:
        person.set_unusable_password()
    return {person.name: person for person in Person.objects.bulk_create(people)}


def demo_people() -> list[tuple[str, Person]]:
    """Return (role in the demo, person) of those whom a visitor may be; nothing where the demo is not seeded."""
    roles = {ORGANISER: "organiser", CHAIR: "chair", **dict.fromkeys(JURORS[:3], "juror"), APPLICANT: "applicant"}
    people = {person.email: person for person in Person.objects.filter(email__in=map(address, roles))}
    return [(role, people[address(name)]) for name, role in roles.items() if address(name) in people]

"""The components: shown, escaped, readable and small."""

import math
import re
from collections import UserDict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import RequestContext, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from common.templatetags import look

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = sorted(path.stem for path in (ROOT / "templates/components").glob("*.html"))
EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def request_(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/look/")
    request.user = AnonymousUser()
    return request


def rendered(request: HttpRequest, source: str, **context: object) -> str:
    return Template(CottonCompiler().process(source)).render(RequestContext(request, context))


def used_in(source: str) -> set[str]:
    return {name.replace("-", "_") for name in re.findall(r"<c-([a-z-]+)", source)} - {"vars", "slot"}


def test_the_look_page_shows_every_component() -> None:
    shown = used_in((ROOT / "templates/look.html").read_text()) | used_in((ROOT / "templates/base.html").read_text())
    for name in list(shown):
        shown |= used_in((ROOT / f"templates/components/{name}.html").read_text())
    assert shown == set(COMPONENTS)


def test_the_look_page_keeps_to_the_content_security_policy(request_: HttpRequest) -> None:
    page = render_to_string("look.html", request=request_)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", page)
    assert all(' src="' in tag for tag in re.findall(r"<script[^>]*>", page))


def test_no_id_stands_twice_on_the_look_page(request_: HttpRequest) -> None:
    ids = re.findall(r'\sid="([^"]*)"', render_to_string("look.html", request=request_))
    assert len(ids) == len(set(ids))


# Counts are numbers where they come from; words in their place are a mistake in the code, not in the data.
NUMBERS = {"weight", "size", "limit", "counts"}


class Evil(UserDict[str, str]):
    """Whatever is asked of it, it answers with markup; unpacked, it is a pair."""

    def __missing__(self, key: str) -> str:
        return "7" if key in NUMBERS else EVIL

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[str]:
        return iter([EVIL, EVIL])


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_escapes_whatever_it_is_given(request_: HttpRequest, name: str) -> None:
    source = (ROOT / f"templates/components/{name}.html").read_text()
    declared = re.search(r"<c-vars (.*?)/>", source)
    texts = re.findall(r'(?<!:)\b([a-z0-9-]+)=""', declared[1]) if declared else []
    lists = re.findall(r':([a-z]+)="\[\]"', declared[1]) if declared else []
    given = [f':{text}="evil"' for text in texts if text not in NUMBERS]
    given += [f':{many}="things"' for many in lists if many not in NUMBERS]
    tag = name.replace("_", "-")
    page = rendered(
        request_,
        f'<c-{tag} {" ".join(given)} :data-extra="evil">{{{{ evil }}}}</c-{tag}>',
        evil=EVIL,
        things=[Evil()],
    )
    assert "<script" not in page


def test_an_unknown_icon_is_noticed() -> None:
    with pytest.raises(KeyError):
        look.icon("unicorn")


def test_the_normal_case_has_no_mark() -> None:
    assert look.mark("none") == ""


class StepForm(forms.Form):
    title = forms.CharField(label="Title <b>", help_text="As in the statute.", max_length=5)
    why = forms.CharField(widget=forms.Textarea, required=False)
    who = forms.ChoiceField(choices=[("a", "Members"), ("b", "Neighbours")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")


@pytest.fixture
def page_of_a_form(request_: HttpRequest) -> str:
    form = StepForm({"title": "too long a title", "why": "two words"})
    form.full_clean()
    fields = "".join(f'<c-form-field :field="form.{name}" />' for name in form.fields)
    return rendered(request_, '<c-error-summary :form="form" />' + fields, form=form)


def test_a_bound_field_is_tied_to_its_help_and_its_error(page_of_a_form: str) -> None:
    title = re.search(r"<input[^>]*id_title[^>]*>", page_of_a_form)
    assert title
    assert 'aria-invalid="true"' in title[0]
    described = re.search(r'aria-describedby="([^"]*)"', title[0])
    assert described
    assert described[1].split() == ["id_title_helptext", "id_title_error"]
    assert 'id="id_title_helptext"' in page_of_a_form
    assert 'id="id_title_error"' in page_of_a_form


def test_choices_stand_in_a_fieldset_with_a_legend(page_of_a_form: str) -> None:
    fieldset = page_of_a_form.split("<fieldset")[1].split("</fieldset", maxsplit=1)[0]
    assert ">Who</legend>" in fieldset
    assert fieldset.count('type="radio"') == 2


def test_the_summary_leads_to_every_field_that_is_wrong(page_of_a_form: str) -> None:
    summary = page_of_a_form.split('class="summary"')[1].split("</div>", maxsplit=1)[0]
    for target in re.findall(r'href="#([^"]*)"', summary):
        assert f'id="{target}"' in page_of_a_form
    assert summary.count("<a ") == 3
    assert "Title &lt;b&gt;" in summary


def test_a_form_without_errors_has_no_summary(request_: HttpRequest) -> None:
    assert rendered(request_, '<c-error-summary :form="form" />', form=StepForm()).strip() == ""


@pytest.mark.parametrize(("count", "over"), [("0", False), ("100", False), ("101", True)])
def test_a_counter_is_over_only_beyond_its_limit(request_: HttpRequest, count: str, over: bool) -> None:  # noqa: FBT001 - a parametrised answer
    page = rendered(request_, '<c-counter limit="100" count="{{ count }}" />', count=count)
    assert ("counter over" in page) is over


def test_the_chosen_mark_is_checked_whatever_its_type(request_: HttpRequest) -> None:
    levels = [{"value": n, "word": "", "text": ""} for n in range(6)]
    page = rendered(request_, '<c-score-buttons name="c" value="4" :levels="levels" />', levels=levels)
    assert re.findall(r'value="(\d)" checked', page) == ["4"]


def test_a_nav_link_without_an_address_vanishes_and_the_page_shown_is_marked(request_: HttpRequest) -> None:
    page = rendered(request_, '<c-nav-link href="">A</c-nav-link><c-nav-link href="/look/">B</c-nav-link>')
    assert "A" not in re.sub(r"<[^>]*>", "", page)
    assert 'aria-current="page"' in page


def test_things_are_shown_one_by_one_up_to_a_hundred() -> None:
    assert look.segments(22, 29, "22 of 29").count("<rect") == 29
    assert look.segments(22, 29, "22 of 29").count('class="done"') == 22
    assert 'width="79.10%"' in look.segments(810, 1024, "79%")


def test_seats_are_filled_and_the_next_one_is_current() -> None:
    seats = look.seats(2, 5, {5: "out"})
    assert re.findall(r'<i class="(\w*)">', seats) == ["done", "done", "now", "", "out"]


def test_a_share_never_leaves_its_box() -> None:
    assert look.percent(3, 2) == "100.00%"
    assert look.percent(3, 0) == "0%"


def rules_of(template: str) -> set[str]:
    """The style sheets that a page links, those of the pages it extends included."""
    source = (ROOT / "templates" / template).read_text()
    parent = re.search(r'{% extends "([^"]+)"', source)
    return set(re.findall(r"css/([a-z]+\.css)", source)) | (rules_of(parent[1]) if parent else set())


PAGES = sorted(
    str(path.relative_to(ROOT / "templates"))
    for path in (ROOT / "templates").rglob("*.html")
    if path.name != "look.html" and "{% extends" in path.read_text()
)


@pytest.mark.parametrize("template", PAGES)
def test_a_page_loads_less_than_25_kb_of_rules(template: str) -> None:
    sheets = rules_of(template)
    assert "tokens.css" in sheets
    assert sum((ROOT / "static/css" / name).stat().st_size for name in sheets) < 25_000


def test_scripts_are_small_modules() -> None:
    for script in (ROOT / "static/js").glob("*.js"):
        assert len(script.read_text().splitlines()) < 120, script.name


# Contrast, computed from the oklch values in tokens.css.

Colour = tuple[float, float, float]
TOKENS = (ROOT / "static/css/tokens.css").read_text()
SCHEMES = {"light": 0, "dark": 1}
CALLS = re.findall(r"\.call-(\w+)", TOKENS)


def token(name: str, scheme: str, block: str = ":root") -> Colour:
    """The colour of a token in a scheme, its references followed."""
    body = TOKENS.split(block + "{", 1)[1].split("}", 1)[0]
    found = re.search(rf"--{name}:(.*?)(?:;|$)", body, re.MULTILINE)
    if not found:
        return token(name, scheme)
    value = found[1].strip()
    if value.startswith("light-dark("):
        value = re.findall(r"(oklch\([^)]*\)|var\([^)]*\))", value)[SCHEMES[scheme]]
    if value.startswith("var("):
        return token(value[6:-1], scheme, block)
    lightness, chroma, hue = map(float, value[6:-1].split())
    return lightness, chroma, hue


def luminance(colour: Colour) -> float:
    """The relative luminance of an oklch colour, by the matrices of CSS Color 4, out of gamut clipped."""
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    r, g, b = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: Colour, other: Colour) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "field"])
@pytest.mark.parametrize("text", ["ink", "ink-2", "stop", "focus"])
def test_text_is_readable_on_its_ground(text: str, ground: str, scheme: str) -> None:
    assert contrast(token(text, scheme), token(ground, scheme)) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("call", CALLS)
def test_a_calls_colours_are_readable_in_both_schemes(call: str, scheme: str) -> None:
    block = f".call-{call}"
    assert contrast(token("on", scheme, block), token("c", scheme, block)) >= 4.5
    assert contrast(token("mark", scheme, block), token("paper", scheme)) >= 4.5
    for text in ("ink", "ink-2", "stop"):
        assert contrast(token(text, scheme), token("wash", scheme, block)) >= 4.5


def names(first: int, last: int, cut: int = 0) -> list[int]:
    return [place for place, _x in look.places(first, last, cut)]


def test_the_axis_of_rank_bands_names_its_ends_and_round_places_that_do_not_touch_them() -> None:
    assert names(1, 48) == [1, 10, 20, 30, 40, 48]
    assert names(1, 42) == [1, 10, 20, 30, 42]
    assert names(260, 1552) == [260, 500, 1000, 1552]
    assert names(1, 1) == [1]
    assert look.places(1, 50)[1] == (10, "19.00%")


def test_the_first_place_gives_way_to_the_words_at_the_cut() -> None:
    assert names(1, 48, cut=3)[0] == 1
    assert names(1, 261, cut=3)[0] == 50
    assert names(260, 1552, cut=3)[0] == 260  # the line does not lie there


def test_a_band_is_drawn_on_the_places_of_its_axis() -> None:
    page = look.band(839, 1373, 951, 260, 1552, 3)
    assert 'viewBox="259.5 0 1293 32"' in page
    assert '<rect x="838.5" y="10.5" width="535" height="11"/>' in page
    assert "M951 5.5v21" in page
    assert page.count("<path") == 2  # the line of the prizes lies far off
    assert 'd="M3.5 0v32"' in look.band(1, 5, 2, 1, 48, 3)
    assert look.after(3, 1, 48) == "6.25%"
    assert look.after(3, 260, 1552) == ""

"""GTINs and their check digits."""

import pytest

from webshop_orders.barcodes import gtin


@pytest.mark.parametrize("code", ["96385074", "036000291452", "7350053850019", "17350053850016", "0036000291452"])
def test_numbers_of_articles_with_the_right_check_digit(code: str) -> None:
    assert gtin.is_gtin(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "96385075",
        "7350053850018",
        "100234",  # an order number, which is a UPC-E to biip
        "1002340",
        "0000000000000",
        "735005385001٩",
        " 7350053850019",
        "7350053850019\n",
        "LJUS-12",
    ],
)
def test_numbers_of_no_article(code: str) -> None:
    assert not gtin.is_gtin(code)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("036000291452", "0036000291452"),  # UPC-A as readers send it
        ("036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("LJUS-12", "LJUS-12"),
        ("7350053850018", "7350053850018"),  # a wrong check digit is a code of the shop's own
    ],
)
def test_the_same_article(one: str, other: str) -> None:
    assert gtin.same_article(one, other)
    assert gtin.same_article(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("7350053850019", "17350053850016"),  # one, and a carton of them
        ("7350053850018", "07350053850018"),
        ("100234", "0100234"),
        ("LJUS-12", "ljus-12"),
    ],
)
def test_other_articles(one: str, other: str) -> None:
    assert not gtin.same_article(one, other)
    assert not gtin.same_article(other, one)


@pytest.mark.parametrize(
    ("code", "spellings"),
    [
        ("0036000291452", ["036000291452", "0036000291452", "00036000291452"]),
        ("96385074", ["96385074", "000096385074", "0000096385074", "00000096385074"]),
        ("17350053850016", ["17350053850016"]),
        ("LJUS-12", ["LJUS-12"]),
    ],
)
def test_an_article_is_stored_in_one_of_these_spellings(code: str, spellings: list[str]) -> None:
    assert gtin.spellings(code) == spellings
    assert all(gtin.same_article(code, spelling) for spelling in spellings)

"""nShift: carriers of its services, and returns."""

from typing import Any

import pytest
from flask import Flask

from tests.connectors.shipping.calls import codes_of, report, shipment_of
from tests.factories import make_order
from webshop_orders.connectors.shipping.nshift_services import carrier_of, is_return


def shipment(number: str, service: Any, **values: Any) -> dict[str, Any]:
    parcels = [{"parcelNo": "70900000017", "reference": "", "returnParcelNo": "70900000099"}]
    return {"id": "17", "orderNo": number, "serviceId": service, "status": "PRINTED", "parcels": parcels, **values}


@pytest.mark.parametrize(
    ("service", "carrier"),
    [
        ("P19", "PostNord"),
        ("P19DPD", "PostNord"),
        ("PDK19", "PostNord"),
        ("PUA", "PostNord"),
        ("PN17", "PostNord"),
        ("BREV", "PostNord"),
        ("DPD", "PostNord"),
        ("DTPGHD", "PostNord"),
        ("DHLROAD", "DHL"),
        ("dhlsp", "DHL"),
        ("ASPO", "DHL"),
        ("AEX", "DHL"),
        ("DADOK", "DHL"),
        ("SBTL", "DB Schenker"),
        ("SBTLFISY", "DB Schenker"),
        ("BHP", "DB Schenker"),
        ("DBSCHENKER", "DB Schenker"),
        ("BPHDAP", "DB Schenker"),
        ("PPUFOSTDSE", "DB Schenker"),
        ("BRING_340", "Bring"),
        ("BPBDD", "Bring"),
        ("BOXHD", "Bring"),
        ("PNL340", "Bring"),
        ("PNLNO340", "Bring"),
        ("DSVDECO", "DSV"),
        ("UPSSTDP", "UPS"),
        ("GLSPS", "GLS"),
        ("FDXIPP", "FedEx"),
        ("TNT15N", "TNT"),
        ("BUDBEESTD", "Budbee"),
        ("INSTABOXSTD", "Instabee"),
        ("AIRMEE", "Airmee"),
        ("BESTHLM", "Best Transport"),
        ("EARLYBIRD", "Early Bird"),
        ("HELTHJEM", "Helthjem"),
        ("POSTI2103", "Posti"),
        ("IT14I", "Posti"),
        ("MH80", "Matkahuolto"),
        ("DAOSTS", "dao"),
        ("OMNIVA", "Omniva"),
        ("BUDETT3TIM", None),
        ("DACTFIX", None),
        ("FREEP", None),
        ("", None),
        (None, None),
        (17, None),
    ],
)
def test_the_beginning_of_a_service_says_its_carrier(service: Any, carrier: str | None) -> None:
    assert carrier_of(service) == carrier


@pytest.mark.parametrize(
    "service", ["P24", "P24DPD", "P22R", "ASPOR", "APCR", "GLSPSR", "PNL341", "PPDKRET", "XRETURN"]
)
def test_a_service_that_brings_goods_back_is_a_return(service: str) -> None:
    assert is_return(service)


@pytest.mark.parametrize("service", ["P19", "ASPO", "APC", "GLSPS", "PNL340", "PPUFORTRSE", None])
def test_a_service_to_the_customer_is_none(service: Any) -> None:
    assert not is_return(service)


def test_the_carrier_is_written_as_the_shop_writes_it(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    report(app, [shipment(order.number, "INSTABOXSTD")])
    assert codes_of(order) == [("70900000017", "Instabee")]
    assert not shipment_of(order).is_shipped


@pytest.mark.parametrize("values", [{"serviceId": "P24"}, {"returnShipment": True}, {"status": "DELETED"}])
def test_a_return_or_an_annulled_shipment_adds_no_code(app: Flask, values: dict[str, Any]) -> None:
    order = make_order(("LYKTA", 1))
    answer = report(app, [shipment(order.number, "P19") | values])
    assert codes_of(order) == []
    assert (answer["orders"], len(answer["ignored"])) == ([], 1)


def test_a_shipment_with_a_return_label_of_its_own_is_no_return(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    report(app, shipment(order.number, "P19", returnShipment=True, normalShipment=True))
    assert codes_of(order) == [("70900000017", "PostNord")]


def test_a_parcel_with_the_number_of_its_return_alone_adds_no_code(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    parcels = [{"parcelNo": None, "returnParcelNo": "70900000099"}, {"parcelNo": "70900000024"}]
    report(app, shipment(order.number, "P19", parcels=parcels))
    assert codes_of(order) == [("70900000024", "PostNord")]


def test_a_status_in_the_address_of_the_callback_ships_the_goods(app: Flask) -> None:
    order = make_order(("LYKTA", 1))
    report(app, shipment(order.number, "P19"), "?shipped=printed")
    assert shipment_of(order).is_shipped

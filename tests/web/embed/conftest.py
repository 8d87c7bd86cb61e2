from tests.web.conftest import admin, nobody, order, sign_in, staff

__all__ = ["admin", "nobody", "order", "sign_in", "staff"]

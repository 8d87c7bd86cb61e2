from tests.web.conftest import admin, compiled, nobody, order, sign_in, staff

__all__ = ["admin", "compiled", "nobody", "order", "sign_in", "staff"]

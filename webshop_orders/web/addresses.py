"""Addresses that others hand us."""


def is_ours(page: str) -> bool:
    """Whether an address is a page of the order desk, and not another site that looks like one."""
    is_path = page.startswith("/") and not page.startswith("//")
    return is_path and page.isprintable() and not {"\\", "#"} & set(page)

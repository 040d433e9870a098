"""What the deep suite needs of the machine."""

from tests.support.machines import machines_possible

collect_ignore: list[str] = []
if not machines_possible():
    collect_ignore.append("test_machines.py")


def pytest_report_header() -> str:
    """Say what is left out: a machine that lends no network cannot be tested with one."""
    if collect_ignore:
        return "no network namespaces here: test_machines.py is not collected"
    return "network namespaces: yes"

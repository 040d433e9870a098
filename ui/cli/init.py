"""The first start: keys, tables, shipped packs and, if asked, the first administrator."""

import sys

import click

from engine.access.actors import admin_exists
from engine.access.passwords import calibrated, check_password
from engine.people import NewPerson, make_first_admin
from engine.seeds import install_first
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world


@click.command("init", help=say("cli.init"))
@click.option("--admin-mobile", default="", help=say("cli.init.admin_mobile"))
@click.option("--admin-name", default="", help=say("cli.init.admin_name"))
@click.option("--password-stdin", is_flag=True, help=say("cli.init.password_stdin"))
@pass_world
def init(world: World, admin_mobile: str, admin_name: str, password_stdin: bool) -> None:
    """Prepare an installation; safe to repeat."""
    if bool(admin_mobile) != bool(admin_name):
        raise refusal("cli.init.name_missing")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password is not None:
        about = (admin_mobile, admin_name)
        check_password(password, least=world.settings.password_length, about=about)
    site = world.site
    world.make_keys()
    if install_first(site):
        tell("cli.init.done", version=site.snapshot.number)
    if not admin_mobile:
        return
    with site.read(world.context) as unit:
        there = admin_exists(unit.connection, unit.snapshot)
    if there:
        tell("cli.init.admin_there")
        return
    make_first_admin(
        site,
        new=NewPerson(name=admin_name, mobile=admin_mobile),
        hashed=calibrated().hash(password) if password is not None else None,
        root_department=say("people.root_department"),
    )
    tell("cli.init.admin_made", name=admin_name)


COMMANDS = [init]

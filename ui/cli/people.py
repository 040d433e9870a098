"""Accounts, tokens and sign-in links."""

import sys

import click

from engine.access.actors import find_person, people
from engine.access.limits import parse_scopes
from engine.access.tokens import create_token, revoke_token
from engine.audit.deeds import log_deed
from engine.people import (
    NewPerson,
    UnknownPerson,
    add_person,
    department_named,
    disable_person,
    make_sign_in_link,
)
from engine.sign_in.factors import reset_on_server
from ui.cli.words import refusal, say, tell
from ui.cli.world import World, pass_world

LINK = "/sign-in/link/"


@click.group(help=say("cli.user"))
def user() -> None:
    """Hold the commands about accounts."""


@user.command("create", help=say("cli.user.create"))
@click.option("--mobile", required=True, help=say("cli.user.mobile"))
@click.option("--name", required=True, help=say("cli.user.name"))
@click.option("--role", "roles", multiple=True, required=True, help=say("cli.user.role"))
@click.option("--department", default="", help=say("cli.user.department"))
@pass_world
def create_user(
    world: World, mobile: str, name: str, roles: tuple[str, ...], department: str
) -> None:
    """Create an account and print a link that signs its person in."""
    site = world.ready_site
    with site.write(world.context) as unit:
        known = unit.snapshot.site.roles
        for role in roles:
            if role not in known:
                raise refusal("cli.user.unknown_role", role=role, known=", ".join(known))
        department_id = department_named(unit, department) if department else None
        if department and department_id is None:
            raise refusal("cli.user.unknown_department", name=department)
        new = NewPerson(name=name, mobile=mobile, roles=roles, department_id=department_id)
        add_person(unit, new)
    tell("cli.user.created", name=name)
    tell("cli.sign_in_link.made", url=world.url(LINK + make_sign_in_link(site, mobile)))


@user.command("disable", help=say("cli.user.disable"))
@click.argument("mobile")
@pass_world
def disable_user(world: World, mobile: str) -> None:
    """Disable an account."""
    person = disable_person(world.ready_site, mobile)
    tell("cli.user.disabled", name=person.name)


@user.command("reset-second-factor", help=say("cli.user.reset_second_factor"))
@click.argument("mobile")
@pass_world
def reset_second_factor(world: World, mobile: str) -> None:
    """Take a second factor away that its person has lost."""
    person = reset_on_server(world.ready_site, mobile)
    tell("cli.user.second_factor_reset", name=person.name)


@user.command("list", help=say("cli.user.list"))
@pass_world
def list_users(world: World) -> None:
    """Print all accounts, one a line: number, mobile, name, state, roles."""
    with world.ready_site.read(world.context) as unit:
        for person in people(unit.connection, unit.snapshot):
            roles = ",".join(person.roles)
            click.echo(f"{person.id}\t{person.mobile}\t{person.name}\t{person.state}\t{roles}")


@click.group(help=say("cli.token"))
def token() -> None:
    """Hold the commands about tokens."""


@token.command("create", help=say("cli.token.create"))
@click.option("--user", "mobile", required=True, help=say("cli.token.user"))
@click.option("--name", default="cli", show_default=True, help=say("cli.token.name"))
@click.option("--days", type=int, default=None, help=say("cli.token.days"))
@click.option("--scope", "scopes", multiple=True, help=say("cli.token.scope"))
@pass_world
def make_token(
    world: World, mobile: str, name: str, days: int | None, scopes: tuple[str, ...]
) -> None:
    """Print a new token on standard output; what is said about it goes elsewhere."""
    with world.ready_site.write(world.context) as unit:
        person = find_person(unit.connection, unit.snapshot, mobile)
        if person is None:
            raise UnknownPerson(mobile=mobile)
        number, secret = create_token(
            unit.connection,
            person.id,
            name=name,
            days=days,
            now=unit.context.now,
            scopes=parse_scopes(scopes, unit.snapshot.objects),
        )
        about = {"id": number, "name": name, "days": days, "scopes": list(scopes)}
        log_deed(unit.connection, unit.context, "token.created", person.name, about)
    click.echo(say("cli.token.created", number=number), file=sys.stderr)
    click.echo(secret)


@token.command("revoke", help=say("cli.token.revoke"))
@click.argument("number", type=int)
@pass_world
def end_token(world: World, number: int) -> None:
    """Revoke a token."""
    with world.ready_site.write(world.context) as unit:
        if not revoke_token(unit.connection, number):
            raise refusal("cli.token.unknown", number=number)
        log_deed(unit.connection, unit.context, "token.revoked", str(number), {"id": number})
    tell("cli.token.revoked")


@click.command("sign-in-link", help=say("cli.sign_in_link"))
@click.option("--user", "mobile", required=True, help=say("cli.user.mobile"))
@pass_world
def sign_in_link(world: World, mobile: str) -> None:
    """Print a link that signs somebody in once."""
    secret = make_sign_in_link(world.ready_site, mobile)
    tell("cli.sign_in_link.made", url=world.url(LINK + secret))


COMMANDS = [user, token, sign_in_link]

"""Serve recipes: Prefect's page with forms and schedules, and the runs that they start.

Starts a Prefect server (SQLite in PREFECT_HOME unless --database-url names Postgres) and, for each
recipe, the deployments refresh, train, evaluate and refresh_and_train; a recipe's [schedule]
refreshes by itself. Where PREFECT_API_URL names a server, that one is used and none is started.
Ctrl-C ends runs and server, within half a minute though the server hangs; at a second Ctrl-C
Prefect is not waited for. What is finished is kept.
"""

import argparse
import os
from pathlib import Path

from flows.options import STORE_VARIABLE, add_store
from pipeline.storage.places import absolute

EXAMPLES = """\
  penstock serve my.toml
  penstock serve web.toml news.toml --store /srv/store --port 4200
  penstock serve my.toml --host 0.0.0.0 --secure        with a password, for others as well
  penstock serve my.toml --database-url postgresql+asyncpg://user:password@host/prefect
  penstock serve --only-automations                     for deployments to a work pool
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("recipes", nargs="*", type=Path, metavar="RECIPE", help="my.toml, ...")
    add_store(parser)
    parser.add_argument("--host", default="127.0.0.1", help="to listen on [127.0.0.1]")
    parser.add_argument("--port", type=int, default=4200, help="0 takes a free one [4200]")
    parser.add_argument("--database-url", default="", metavar="URL", help="Postgres, not SQLite")
    parser.add_argument(
        "--secure", action="store_true", help="a password, CSRF protection, private files"
    )
    parser.add_argument(
        "--train-on-promotion", action="store_true", help="train on each corpus that is promoted"
    )
    parser.add_argument(
        "--only-automations",
        action="store_true",
        help="create the automations on the server of PREFECT_API_URL, and end",
    )


def run(given: argparse.Namespace) -> int:
    """Serve until told to end; this process ends with it, unless it makes automations alone."""
    from flows.door.served import serving
    from flows.door.server import Place, schedules_fail, server
    from flows.ending.leaving import leave
    from flows.recipe import read_recipe

    recipes = {
        path.absolute(): read_recipe(path) for path in given.recipes
    }  # faults before a server
    if given.store:
        os.environ[STORE_VARIABLE] = absolute(given.store)
    place = Place(given.host, given.port, given.database_url, given.secure)
    print("Starting Prefect ...", flush=True)
    with serving(list(recipes)), server(place) as running:
        from flows.door import runner as run_served

        if given.only_automations:
            trains = run_served.deployed_trains()
            run_served.register_automations(trains, train_on_new=given.train_on_promotion)
            print(f"The automations are at {running.page}/automations.")
            return 0
        runner = run_served.Served(running.end)
        names = run_served.registered(runner, list(recipes), train_on_new=given.train_on_promotion)
        print(f"Prefect is at {running.page} with {len(names)} deployments: {', '.join(names)}.")
        if running.auth_file:
            print(f"Its user and password are in {running.auth_file}.")
        if running.ours and any(each.schedule for each in recipes.values()) and schedules_fail():
            print(schedules_fail())
        runner.heed_signals()
        print(
            f"Open {running.page}/deployments, choose one, and press Run: the form says what it "
            f"needs. Ctrl-C ends it all.",
            flush=True,
        )
        run_served.run_until_ended(runner)
    return leave(run_served.say_ended)

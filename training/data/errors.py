"""What can be wrong with data, said so that the reader knows what to do."""

from __future__ import annotations


class DataError(ValueError):
    """A row or a file that does not hold what its format promises."""

    def __init__(self, where: str, row: int | None, wrong: str, todo: str) -> None:
        self.where, self.row, self.wrong, self.todo = where, row, wrong, todo
        place = where if row is None else f"{where}, row {row}"
        super().__init__(f"{place}: {wrong}; {todo}")


class MissingData(FileNotFoundError):
    """Data that are not there: what is missing, where it was looked for, what fetches it.

    `fetch`: the commands, or the addresses, that `plan --check` lists.
    """

    def __init__(self, what: str, looked: str, todo: str, fetch: tuple[str, ...] = ()) -> None:
        self.what, self.looked, self.todo, self.fetch = what, looked, todo, fetch
        super().__init__(f"{what} not found: looked for {looked}; {todo}")

    def __str__(self) -> str:
        return str(self.args[0])

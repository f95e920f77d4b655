"""The results: a line for each check as it ends, a table in Markdown, and all of it as JSON."""
import datetime
import json

from checks import CHECKS, FAILS, KNOWN, NOT_OFFERED


class Report:
    def __init__(self, folder, version):
        self.folder = folder
        self.version = version
        self.rows = []

    def add(self, client, check, outcome, seconds):
        self.line(client.name, check.name, outcome.verdict, outcome.note, seconds)

    def not_run(self, client, outcome):
        """Notes a client that could not be installed."""
        self.line(client.name, "install", outcome.verdict, outcome.note, 0)

    def line(self, client, check, verdict, note, seconds):
        note = " ".join(note.split())
        self.rows.append({"client": client, "check": check, "verdict": verdict, "note": note, "seconds": round(seconds, 1)})
        print(f"{client:27} {check:11} {verdict:6} {seconds:5.1f} s  {note[:300]}".rstrip(), flush=True)

    def failed(self):
        return [row for row in self.rows if row["verdict"] == FAILS]

    def write(self):
        """Writes both files, and says where they are."""
        document = {"time": datetime.datetime.now().astimezone().isoformat(timespec="seconds"), "gateway": self.version, "rows": self.rows}
        (self.folder / "results.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        table = self.folder / "table.md"
        table.write_text(self.table())
        verdicts = [row["verdict"] for row in self.rows]
        print(f"{sum(v not in (FAILS, KNOWN, NOT_OFFERED) for v in verdicts)} passed, {verdicts.count(FAILS)} failed, "
              f"{verdicts.count(KNOWN)} known, {verdicts.count(NOT_OFFERED)} not offered; {table}")

    def table(self):
        from catalogue import CLIENTS

        taken = [check for check in CHECKS if any(row["check"] == check.name for row in self.rows)]
        lines = ["| client | version | " + " | ".join(check.name for check in taken) + " |",
                 "|---|---|" + "---|" * len(taken)]
        notes = []
        for client in CLIENTS:
            rows = {row["check"]: row for row in self.rows if row["client"] == client.name}
            if not rows:
                continue
            if "install" in rows:
                cells = [f"not run here: {rows['install']['note']}"] + [""] * (len(taken) - 1)
            else:
                cells = [self.cell(rows.get(check.name), notes) for check in taken]
            lines.append(f"| {client.title} | {client.version} | " + " | ".join(cells) + " |")
        return "\n".join(lines + [""] + notes) + "\n"

    @staticmethod
    def cell(row, notes):
        if row is None:
            return ""
        if row["verdict"] not in (FAILS, KNOWN):
            return row["verdict"]
        notes.append(f"{len(notes) + 1}. {row['client']}, {row['check']}: {row['note'][:300]}")
        return f"**{row['verdict']}** ({len(notes)})"

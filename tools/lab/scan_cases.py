"""Images with evidence that cosign and oras attach, and what Scanclock must say of each."""

import dataclasses
import datetime

from . import evidence

WINDOW_DAYS = 30
ALLOWED = ("fresh", "due_soon")
TRIVY = "application/vnd.aquasecurity.trivy.report.v1+json"
UNTYPED = "application/vnd.aquasecurity.trivy.report.sarif.v1"
IN_TOTO = "https://in-toto.io/attestation/vulns/v0.2"


@dataclasses.dataclass(frozen=True)
class Attachment:
    """`days` before now the scan finished; within a case it names the item.

    `outcome`: counts, older, platform_unproven, or the reason why no policy accepts it.
    """

    how: str
    days: int
    outcome: str
    key: str = "release"
    on_index: bool = False

    def needs(self) -> str:
        return "oras" if self.how in ("trivy", "sarif", "untyped") else "cosign"

    def trust(self) -> str:
        """The key of the settings is not bound to cosign's type for anything."""
        is_bound = self.needs() == "cosign" and self.key == "release" and self.how != "custom"
        return "signed" if is_bound else "unsigned"

    def origins(self, native: bool) -> set:
        """Where it is found: a client may write the fallback tag beside the referrers API."""
        if self.how in ("att", "replay"):
            return {"attestation_tag"}
        return {"referrer", "fallback_tag"} if native else {"fallback_tag"}

    def finished_at(self, now: datetime.datetime) -> datetime.datetime:
        return now - datetime.timedelta(days=self.days)


@dataclasses.dataclass(frozen=True)
class Case:
    """`later` is attached once all else is as expected; `state_later` follows from it."""

    name: str
    state: str
    attachments: tuple = ()
    later: Attachment | None = None
    state_later: str = ""

    def needs(self) -> set:
        items = self.attachments + ((self.later,) if self.later else ())
        programs = {item.needs() for item in items}
        return programs | {"oras"} if any(item.how == "replay" for item in items) else programs

    def after(self, second_half: bool) -> "Case":
        """The case as it stands when `later` is attached; what counted is older then."""
        if not second_half or self.later is None:
            return self
        before = tuple(
            dataclasses.replace(item, outcome="older") if item.outcome == "counts" else item
            for item in self.attachments
        )
        return Case(self.name, self.state_later, before + (self.later,))


CASES = (
    Case("web/attested", "fresh", (Attachment("att", 3, "counts"),)),
    Case("web/bundled", "fresh", (Attachment("bundle", 4, "counts"),)),
    Case("web/trivy", "fresh", (Attachment("trivy", 12, "counts"),)),
    Case("web/sarif", "due_soon", (Attachment("sarif", 26, "counts"),),
         Attachment("trivy", 1, "counts"), "fresh"),
    Case("web/many", "fresh", (
        Attachment("trivy", 33, "older"),
        Attachment("bundle", 5, "counts"),
        Attachment("att", 20, "older"),
        Attachment("sarif", 9, "older"),
    )),
    Case("web/in-toto", "fresh", (Attachment("in-toto", 7, "counts"),)),
    Case("web/custom", "fresh", (Attachment("custom", 11, "counts"),)),
    Case("web/untyped", "fresh", (Attachment("untyped", 13, "counts"),)),
    Case("web/late", "overdue", (Attachment("att", 40, "counts"),),
         Attachment("att", 1, "counts"), "fresh"),
    Case("web/never", "never_scanned", (), Attachment("bundle", 2, "counts"), "fresh"),
    Case("web/stranger", "never_scanned", (
        Attachment("att", 1, "bad_signature", key="stranger"),
        Attachment("bundle", 2, "bad_signature", key="stranger"),
    ), Attachment("att", 6, "counts"), "fresh"),
    Case("web/index", "never_scanned", (
        Attachment("bundle", 2, "platform_unproven", on_index=True),
    )),
    Case("web/future", "never_scanned", (Attachment("att", -1, "future_dated"),)),
    Case("web/replayed", "never_scanned", (Attachment("replay", 3, "wrong_subject"),)),
    Case("pay/strict", "fresh", (
        Attachment("trivy", 1, "untrusted"),
        Attachment("bundle", 10, "counts"),
    )),
)
# The attestation that the replay copies.
REPLAYED = "web/attested"
POLICIES = (
    "policies:\n"
    "  - name: fedramp-30d\n"
    f"    window: {WINDOW_DAYS}d\n"
    "    trust: [signed, platform, pushed, unsigned]\n"
    "    trust_rules:\n"
    "      - {repositories: ['pay/**'], trust: [signed]}\n"
)
VULNERABILITIES = [("CVE-2026-1001", "HIGH"), ("CVE-2026-1002", "LOW")]


def attach(item: Attachment, place: str, digest: str, now, cosign, oras) -> None:
    """Attaches to `place@digest`, by the client that people use for it."""
    finished_at = item.finished_at(now)
    reference = f"{place}@{digest}"
    report = evidence.trivy_report(place, digest, finished_at, VULNERABILITIES)
    if item.how in ("att", "bundle"):
        predicate = evidence.cosign_vulnerability_predicate(finished_at, report)
        cosign.attest(reference, predicate, item.key, item.how == "bundle", "vuln")
    elif item.how == "custom":
        cosign.attest(reference, report, item.key, True, "custom")
    elif item.how == "in-toto":
        built_at = finished_at - datetime.timedelta(days=1)
        predicate = evidence.in_toto_vulnerability_predicate(finished_at, built_at)
        cosign.attest(reference, predicate, item.key, True, IN_TOTO)
    elif item.how == "trivy":
        oras.attach(reference, evidence.json_bytes(report), TRIVY, "application/json")
    elif item.how == "sarif":
        oras.attach(reference, evidence.sarif_report(finished_at), evidence.SARIF, evidence.SARIF)
    else:
        oras.attach(reference, evidence.sarif_report(finished_at), UNTYPED)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


def item_differences(item: Attachment, known: dict, native: bool) -> list:
    refused = item.outcome not in ("counts", "older", "platform_unproven")
    expected = {
        "trust": item.trust(),
        "accepted": not refused,
        "is_last_scan": item.outcome == "counts",
        "scanner": "grype" if item.how in ("sarif", "untyped") else "trivy",
    }
    if item.how != "replay":
        expected["covers"] = "platform_unproven" if item.on_index else "covered"
    said = {name: known.get(name) for name in expected}
    if isinstance(said["scanner"], str):
        said["scanner"] = said["scanner"].lower()
    found = [f"{name} is {said[name]}, expected {value}"
             for name, value in expected.items() if said[name] != value]
    if known["origin"] not in item.origins(native):
        found.append(f"it comes from {known['origin']}")
    reasons = {decision["reason"] for decision in known["decisions"]}
    if refused and reasons != {item.outcome}:
        found.append(f"the reason is {reasons}, expected {item.outcome}")
    return [f"{item.how} of {item.days} d: {text}" for text in found]


def differences(case: Case, image: dict, now, native: bool) -> list:
    """What the API's answer about the image says otherwise than it must."""
    found = []
    if image["state"] != case.state:
        found.append(f"the state is {image['state']}, expected {case.state}")
    counting = [item for item in case.attachments if item.outcome == "counts"]
    last = image.get("last_scan") or {}
    expected = counting[0].finished_at(now) if counting else None
    if moment(last.get("finished_at")) != expected:
        found.append(f"the last scan is of {last.get('finished_at')}, expected {expected}")
    own = {image["digest"], *image["index_digests"]}
    here = [item for item in image["evidence"] if item["attached_to"] in own]
    # A copy that hangs on another image is shown to the image that it names, too.
    elsewhere = [item for item in image["evidence"] if item["attached_to"] not in own]
    found += ["what is attached to another image was accepted"
              for item in elsewhere if item["accepted"]]
    known = {moment(item["finished_at"]): item for item in here}
    for item in case.attachments:
        entry = known.get(item.finished_at(now))
        found += (item_differences(item, entry, native) if entry
                  else [f"{item.how} of {item.days} d is not listed"])
    if len(here) != len(case.attachments):
        found.append(f"{len(here)} items are listed, expected {len(case.attachments)}")
    return found


STATE_RULES = {
    "due_soon": "ScanclockScanDueSoon",
    "overdue": "ScanclockScanOverdue",
    "never_scanned": "ScanclockNeverScanned",
}
REJECTED = "ScanclockEvidenceRejected"


def alert_differences(case: Case, image: dict, alerts: list, now) -> list:
    """What fires about the image otherwise than it must, and what ever fired for nothing."""
    found = []
    about = [alert for alert in alerts if alert["subject"] == image["digest"]]
    firing = {alert["rule"] for alert in about if alert["state"] == "firing"}
    expected = {STATE_RULES[case.state]} if case.state in STATE_RULES else set()
    if firing != expected:
        found.append(f"{sorted(firing)} fires, expected {sorted(expected)}")
    if case.state != "never_scanned":
        found += ["it was said to be never scanned" for alert in about
                  if alert["rule"] == STATE_RULES["never_scanned"]]
    rejected = {alert["subject"] for alert in alerts
                if alert["rule"] == REJECTED and alert["state"] == "firing"}
    for item in case.attachments:
        if item.outcome in ("bad_signature", "future_dated", "wrong_subject"):
            known = [entry["evidence_digest"] for entry in image["evidence"]
                     if moment(entry["finished_at"]) == item.finished_at(now)]
            found += [] if rejected & set(known) else [f"nobody is told of the {item.outcome}"]
    return found

"""prometheus.py ADDRESS: whether Prometheus there reads every target of its file, has its rules, and knows one gateway that serves."""
import json
import sys
import urllib.parse
import urllib.request


def ask(path, **query):
    with urllib.request.urlopen(f"http://{sys.argv[1]}:9090/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=5) as answer:
        return json.load(answer)["data"]


targets = {(t["labels"]["job"], t["labels"]["instance"]): t["health"] + " " + t["lastError"] for t in ask("targets")["activeTargets"]}
rules = [rule for group in ask("rules")["groups"] for rule in group["rules"]]
serving = ask("query", query="sum by (volume) (nasgate_volume_serving)")["result"]
print(targets, [(rule["name"], rule["health"], rule["state"]) for rule in rules], serving, sep="\n")
jobs = sorted(job for job, _ in targets)
sys.exit(
    0
    if jobs == ["etcd"] * 3 + ["gateway"] * 2 + ["node"] * 3
    and all(health.startswith("up") for health in targets.values())
    and rules
    and all(rule["health"] == "ok" for rule in rules)
    and [one["value"][1] for one in serving] == ["1"]
    else 1
)

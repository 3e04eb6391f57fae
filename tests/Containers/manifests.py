"""manifests.py DIRECTORY COMMAND...: checks the Kubernetes manifests below the directory for what only shows when they are applied: selectors,
volumes, ports, probes, what Pod Security asks for, and the program's options against `COMMAND ROLE --help`. Prints what is wrong."""
import pathlib
import subprocess
import sys

import yaml

directory, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
wrong = []


def expect(what, holds):
    if not holds:
        wrong.append(what)


def matches(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text())
documents = [
    document
    for name in kustomization["resources"]
    for document in yaml.safe_load_all((directory / name).read_text())
]
expect("kustomization.yaml names every file", set(kustomization["resources"]) | {"kustomization.yaml"} == {f.name for f in directory.glob("*.yaml")})
common = {key: value for entry in kustomization["labels"] if entry.get("includeTemplates") for key, value in entry["pairs"].items()}
secrets = {entry["name"] for entry in kustomization["secretGenerator"]}


def of_kind(kind):
    return [document for document in documents if document["kind"] == kind]


sets = of_kind("StatefulSet")
services = {service["metadata"]["name"]: service for service in of_kind("Service")}
pods = [common | stateful["spec"]["template"]["metadata"]["labels"] for stateful in sets]
budgets = [budget["spec"] for budget in of_kind("PodDisruptionBudget")]
expect("there are sets of etcd, nodes and gateways", {s["metadata"]["name"] for s in sets} == {"etcd", "node", "gateway"})
names = [(document["kind"], document["metadata"]["name"]) for document in documents]
expect("no name is there twice", len(names) == len(set(names)))

for name, service in services.items():
    expect(f"service {name} selects the pods of one set", sum(matches(service["spec"]["selector"], labels) for labels in pods) == 1)
for budget in budgets:
    expect("a budget selects the pods of one set", sum(matches(budget["selector"]["matchLabels"], labels) for labels in pods) == 1)
    expect("a budget lets one pod go", budget.get("maxUnavailable") == 1)
for policy in of_kind("NetworkPolicy"):
    selectors = [policy["spec"]["podSelector"]] + [peer["podSelector"] for rule in policy["spec"]["ingress"] for peer in rule["from"]]
    for selector in selectors:
        expect("a network policy selects pods that there are", any(matches(selector["matchLabels"], labels) for labels in pods))


def options_of(role):
    text = subprocess.run([*command, role, "--help"], capture_output=True, text=True, check=True).stdout
    return {word.rstrip(",") for word in text.split() if word.startswith("--")}


for stateful in sets:
    name, spec = stateful["metadata"]["name"], stateful["spec"]
    pod, labels = spec["template"]["spec"], common | spec["template"]["metadata"]["labels"]
    expect(f"{name} selects its own pods", matches(spec["selector"]["matchLabels"], labels))
    service = services.get(spec["serviceName"], {"spec": {}})["spec"]
    expect(f"{name} has its headless service", service.get("clusterIP") == "None" and matches(service["selector"], labels))
    expect(f"{name}'s pods find each other before they are ready", service.get("publishNotReadyAddresses") is True)
    expect(f"{name} starts all at once", spec["podManagementPolicy"] == "Parallel")
    expect(f"{name} runs as no root", pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["runAsUser"] == 1654)
    expect(f"{name} has a seccomp profile", pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault")
    apart = pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    expect(f"{name}'s pods are on different machines", any(matches(term["labelSelector"]["matchLabels"], labels) for term in apart))
    volumes = {volume["name"] for volume in pod.get("volumes", [])} | {c["metadata"]["name"] for c in spec.get("volumeClaimTemplates", [])}
    for volume in pod.get("volumes", []):
        if "secret" in volume:
            expect(f"{name}'s secret {volume['secret']['secretName']} is made", volume["secret"]["secretName"] in secrets)
    used = set()
    for container in pod["containers"] + pod.get("initContainers", []):
        where = f"{name}/{container['name']}"
        context = container["securityContext"]
        expect(f"{where} has a root that cannot be written to", context["readOnlyRootFilesystem"] is True)
        expect(f"{where} has no capabilities", context["capabilities"] == {"drop": ["ALL"]} and context["allowPrivilegeEscalation"] is False)
        mounts = [mount["name"] for mount in container.get("volumeMounts", [])]
        used |= set(mounts)
        expect(f"{where} mounts volumes that there are", set(mounts) <= volumes)
        variables = {variable["name"] for variable in container.get("env", [])}
        words = container.get("command", []) + container.get("args", [])
        for word in words:
            for variable in [part.split(")")[0] for part in word.split("$(")[1:]]:
                expect(f"{where} knows $({variable})", variable in variables)
    expect(f"{name} mounts every volume", used == volumes)
    container = pod["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        way = container[probe].get("httpGet") or container[probe].get("tcpSocket")
        expect(f"{name} has the port of its {probe}", way["port"] in ports)
    for service_name, other in services.items():
        for port in other["spec"]["ports"] if matches(other["spec"]["selector"], labels) else []:
            target = port.get("targetPort", port["port"])
            expect(f"service {service_name} finds port {target}", target in ports or target in ports.values())
    given = dict(word.split("=", 1) for word in container.get("args", []) if word.startswith("--"))
    if not given:
        continue

    role = container["args"][0]
    expect(f"{name}'s options are known to '{role}': {set(given) - options_of(role)}", set(given) <= options_of(role))
    expect(f"{name} is its own id", given["--id"] == "$(POD_NAME)")
    for option, port in {"--nfs-port": "nfs", "--smb-port": "smb", "--ready-port": "readiness", "--metrics-port": "metrics"}.items():
        expect(f"{name}: {option} is the port {port}", option not in given or int(given[option]) == ports[port])
    for place in given["--control"].removeprefix("etcd=").split(","):
        host, port = place.removeprefix("http://").split(":")
        member, _, of = host.partition(".")
        etcd = next(s for s in sets if s["metadata"]["name"] == "etcd")
        expect(f"{name} knows etcd where it is: {place}", of == etcd["spec"]["serviceName"] and port == "2379" and member in {f"etcd-{i}" for i in range(etcd["spec"]["replicas"])})
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    expect(f"{name} has its data and its secret on volumes", {given["--data"], str(pathlib.PurePath(given["--secret-file"]).parent)} <= mounted)

for line in wrong:
    print(f"not so: {line}")
sys.exit(1 if wrong else 0)

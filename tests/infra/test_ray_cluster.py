"""The cluster for Kubernetes: what can be checked of it without one."""

import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from jsonschema import validate

INFRA = Path(__file__).parents[2] / "infra"
CLUSTER, *OTHERS = yaml.safe_load_all((INFRA / "ray_cluster.yaml").read_text())
SPEC = CLUSTER["spec"]
GROUPS = [SPEC["headGroupSpec"], *SPEC["workerGroupSpecs"]]
PODS = [group["template"]["spec"] for group in GROUPS]
KUBERNETES = "1.31"
# The fields of ray.io/v1 in KubeRay 1.6.2, after its reference of the API (docs.ray.io/en/master/
# cluster/kubernetes/references/api.html), each with what it is; None: anything, checked elsewhere.
NUMBER, TEXT, YES = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
TEXTS = {"type": "object", "additionalProperties": TEXT}


def fields(required=(), **known):
    return {
        "type": "object",
        "properties": {name: kind or {} for name, kind in known.items()},
        "additionalProperties": False,
        "required": list(required),
    }


HEAD = fields(
    required=["template"],
    template=None,
    rayStartParams=TEXTS,
    serviceType={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
    headService=None,
    enableIngress=YES,
)
WORKERS = fields(
    required=["groupName", "template"],
    groupName=TEXT,
    replicas=NUMBER,
    minReplicas=NUMBER,
    maxReplicas=NUMBER,
    numOfHosts=NUMBER,
    idleTimeoutSeconds=NUMBER,
    suspend=YES,
    rayStartParams=TEXTS,
    template=None,
    scaleStrategy=None,
)
AUTOSCALER = fields(
    resources=None,
    image=TEXT,
    imagePullPolicy=TEXT,
    securityContext=None,
    idleTimeoutSeconds=NUMBER,
    upscalingMode={"enum": ["Default", "Aggressive", "Conservative"]},
    version={"enum": ["v1", "v2"]},
    env=None,
    envFrom=None,
    volumeMounts=None,
)
RAY_CLUSTER = fields(
    required=["headGroupSpec"],
    suspend=YES,
    managedBy=TEXT,
    authOptions=None,
    autoscalerOptions=AUTOSCALER,
    headServiceAnnotations=TEXTS,
    enableInTreeAutoscaling=YES,
    gcsFaultToleranceOptions=None,
    headGroupSpec=HEAD,
    rayVersion=TEXT,
    workerGroupSpecs={"type": "array", "items": WORKERS},
)


def test_the_operator_knows_every_field_of_the_cluster():
    assert (CLUSTER["apiVersion"], CLUSTER["kind"]) == ("ray.io/v1", "RayCluster")
    validate(SPEC, RAY_CLUSTER)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.get("groupName", "head"))
def test_kubernetes_knows_every_field_of_a_pod(group):
    pod = {"apiVersion": "v1", "kind": "Pod", **group["template"]}
    kubernetes_validate.validate(pod, KUBERNETES, strict=True)


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other["kind"])
def test_kubernetes_knows_every_field_of_what_the_cluster_needs(other):
    kubernetes_validate.validate(other, KUBERNETES, strict=True)


def test_a_field_that_kubernetes_does_not_know_would_be_noticed():
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": PODS[0] | {"tolerationz": []}}
    with pytest.raises(kubernetes_validate.ValidationError, match="tolerationz"):
        kubernetes_validate.validate(pod, KUBERNETES, strict=True)


def test_ray_is_the_pinned_one():
    (pinned,) = re.findall(r"^ray==(.*)$", (INFRA / "constraints.txt").read_text(), re.MULTILINE)
    assert SPEC["rayVersion"] == pinned


def test_every_pod_asks_for_the_token_and_none_has_it_written_down():
    asked = [SPEC["autoscalerOptions"], *(pod["containers"][0] for pod in PODS)]
    for each in asked:
        env = {variable["name"]: variable for variable in each["env"]}
        assert env["RAY_AUTH_MODE"]["value"] == "token"
        assert "secretKeyRef" in env["RAY_AUTH_TOKEN"]["valueFrom"]


def test_all_pods_share_the_folder_of_checkpoints():
    for pod in PODS:
        (container,) = pod["containers"]
        mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        env = {variable["name"]: variable.get("value") for variable in container["env"]}
        assert env["PENSTOCK_SCRATCH"] == mounted["scratch"]
        (claim,) = [each for each in pod["volumes"] if each["name"] == "scratch"]
        (volume,) = [each for each in OTHERS if each["kind"] == "PersistentVolumeClaim"]
        assert claim["persistentVolumeClaim"]["claimName"] == volume["metadata"]["name"]
        assert volume["spec"]["accessModes"] == ["ReadWriteMany"]


def test_only_pods_of_ours_and_the_operator_reach_ray():
    (policy,) = [each for each in OTHERS if each["kind"] == "NetworkPolicy"]
    label = policy["spec"]["podSelector"]["matchLabels"]
    assert all(label.items() <= group["template"]["metadata"]["labels"].items() for group in GROUPS)
    (rule,) = policy["spec"]["ingress"]
    assert all("podSelector" in peer for peer in rule["from"])


def test_gpus_are_asked_for_where_training_is():
    limits = [pod["containers"][0]["resources"]["limits"] for pod in PODS]
    assert [each.get("nvidia.com/gpu") for each in limits] == [None, None, "1"]

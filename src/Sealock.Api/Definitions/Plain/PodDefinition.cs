// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>
/// v1 Pod with its subresource <c>status</c>. Pods are stored and nothing more: no kubelet runs them, so a deletion
/// does not wait for one.
/// </summary>
internal static class PodDefinition
{
    private static readonly FieldPath Spec = new("spec");

    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Pod",
        Plural = "pods",
        ShortNames = ["po"],
        Categories = ["all"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.Pod",
        ReturnsDeletedObject = true,
        Columns = PodColumns.Pods,
        SelectableFields =
        [
            .. ((string[])["nodeName", "restartPolicy", "schedulerName", "serviceAccountName"]).Select(
                f => new SelectableField("spec." + f, o => o.Map("spec").Text(f))),
            new("spec.hostNetwork", o => o.Map("spec").IsTrue("hostNetwork") ? "true" : "false"),
            .. ((string[])["phase", "podIP", "nominatedNodeName"]).Select(
                f => new SelectableField("status." + f, o => o.Map("status").Text(f))),
        ],
        Default = PodDefaults.Fill,
        PrepareForCreate = operation =>
        {
            operation.Object["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService(operation.Object) };
            ObjectGeneration.Start(operation);
        },
        PrepareForUpdate = operation =>
        {
            operation.Object.CopyFrom(operation.Old, "status");
            ObjectGeneration.CountChange(operation, "spec");
        },
        Validate = operation => operation.Old is null
            ? PodRules.Check(operation.Object.Map("spec") ?? [], Spec) : CheckChange(operation.Object, operation.Old),
        Subresources =
        [
            new Subresource
            {
                Name = "status",
                PrepareForUpdate = operation => operation.Object.CopyFrom(operation.Old, "spec"),
                Validate = _ => [],
            },
        ],
    };

    // Images, the deadline, more tolerations and a grace period that was negative may change; nothing else.
    private static IEnumerable<FieldError> CheckChange(JsonObject value, JsonObject old)
    {
        var (spec, before) = (value.Map("spec") ?? [], old.Map("spec") ?? []);
        foreach (var field in (string[])["containers", "initContainers"])
        {
            if (spec.Items(field).Count() != before.Items(field).Count())
            {
                yield return Spec.Child(field).Forbidden("pod updates may not add or remove containers");
                yield break;
            }
        }

        foreach (var error in PodRules.CheckImages(spec, Spec).Concat(PodRules.CheckDeadline(spec, Spec)))
        {
            yield return error;
        }

        var tolerations = before.Items("tolerations").ToList();
        if (tolerations.Any(t => !spec.Items("tolerations").Any(n => SameToleration(n, t))))
        {
            yield return Spec.Child("tolerations").Forbidden("existing toleration can not be modified except its tolerationSeconds");
        }

        if (!JsonNode.DeepEquals(Protected(spec, before), Protected(before, before)))
        {
            yield return Spec.Forbidden("pod updates may not change fields other than `spec.containers[*].image`,"
                + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
                + "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
        }
    }

    private static bool SameToleration(JsonNode? left, JsonNode? right) =>
        ((string[])["key", "operator", "value", "effect"]).All(f => left.Text(f) == right.Text(f));

    private static JsonObject Protected(JsonObject spec, JsonObject before)
    {
        var rest = (JsonObject)spec.DeepClone();
        rest.Remove("activeDeadlineSeconds");
        rest.Remove("tolerations");
        if (before.Number("terminationGracePeriodSeconds") < 0 && spec.Number("terminationGracePeriodSeconds") == 1)
        {
            rest.CopyFrom(before, "terminationGracePeriodSeconds");
        }

        foreach (var container in rest.Items("containers").Concat(rest.Items("initContainers")).OfType<JsonObject>())
        {
            container.Remove("image");
        }

        return rest;
    }

    private static string QualityOfService(JsonObject pod)
    {
        var resources = pod.Map("spec").Items("containers").Concat(pod.Map("spec").Items("initContainers"))
            .Select(c => c.Map("resources")).ToList();
        string[] measured = ["cpu", "memory"];
        if (!resources.Any(r => measured.Any(m => r.Map("requests").Has(m) || r.Map("limits").Has(m))))
        {
            return "BestEffort";
        }

        return resources.All(r => measured.All(m => r.Map("limits").Has(m)
            && JsonNode.DeepEquals(r.Map("limits")![m], r.Map("requests")?[m])))
            ? "Guaranteed" : "Burstable";
    }
}

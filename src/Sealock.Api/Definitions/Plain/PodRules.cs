// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>What a pod's spec may say, as far as it matters to an object that nobody runs.</summary>
internal static class PodRules
{
    public static IEnumerable<FieldError> Check(JsonObject spec, FieldPath path)
    {
        var volumes = CheckVolumes(spec, path.Child("volumes"), out var names);
        var containers = spec.Items("containers").ToList();
        HashSet<string> seen = new(StringComparer.Ordinal);
        return
        [
            .. volumes,
            .. containers.Count == 0 ? [path.Child("containers").Required()] : Array.Empty<FieldError>(),
            .. containers.Index().SelectMany(c => ContainerRules.Check(c.Item, names, seen, path.Child("containers").Index(c.Index))),
            .. spec.Items("initContainers").Index()
                .SelectMany(c => ContainerRules.Check(c.Item, names, seen, path.Child("initContainers").Index(c.Index))),
            .. OneOf(spec.Text("restartPolicy"), path.Child("restartPolicy"), "Always", "OnFailure", "Never"),
            .. OneOf(spec.Text("dnsPolicy"), path.Child("dnsPolicy"), "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
            .. MetadataRules.CheckLabels(spec.Map("nodeSelector"), path.Child("nodeSelector")),
            .. CheckName(spec, "serviceAccountName", path, NameRules.DnsSubdomain),
            .. CheckName(spec, "nodeName", path, NameRules.DnsSubdomain),
            .. CheckDeadline(spec, path),
            .. CheckName(spec, "hostname", path, NameRules.DnsLabel),
            .. CheckName(spec, "subdomain", path, NameRules.DnsLabel),
            .. spec.Items("tolerations").Index().SelectMany(t => CheckToleration(t.Item, path.Child("tolerations").Index(t.Index))),
            .. CheckImages(spec, path, whitespaceOnly: true),
        ];
    }

    public static IEnumerable<FieldError> CheckDeadline(JsonObject spec, FieldPath path) =>
        spec.Number("activeDeadlineSeconds") is { } deadline and (< 1 or > int.MaxValue)
            ? [path.Child("activeDeadlineSeconds").Invalid(deadline, NameRules.Range(1, int.MaxValue))] : [];

    public static IEnumerable<FieldError> CheckImages(JsonObject spec, FieldPath path, bool whitespaceOnly = false)
    {
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var (index, container) in spec.Items(list).Index())
            {
                var (image, at) = (container.Text("image"), path.Child(list).Index(index).Child("image"));
                if (image.Length == 0 && !whitespaceOnly)
                {
                    yield return at.Required();
                }
                else if (image.Trim() != image)
                {
                    yield return at.Invalid(image, "must not have leading or trailing whitespace");
                }
            }
        }
    }

    internal static IEnumerable<FieldError> OneOf(string value, FieldPath path, params string[] supported) =>
        value.Length == 0 ? [path.Required()] : supported.Contains(value) ? [] : [path.NotSupported(value, supported)];

    private static IEnumerable<FieldError> CheckName(
        JsonObject spec, string field, FieldPath path, Func<string, IReadOnlyList<string>> rule) =>
        spec.Text(field) is { Length: > 0 } name ? rule(name).Select(w => path.Child(field).Invalid(name, w)) : [];

    private static List<FieldError> CheckVolumes(JsonObject spec, FieldPath path, out HashSet<string> names)
    {
        List<FieldError> errors = [];
        names = new(StringComparer.Ordinal);
        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            var (name, at) = (volume.Text("name"), path.Index(index));
            errors.AddRange(CheckSource(volume, at));
            var wrong = name.Length == 0 ? [] : NameRules.DnsLabel(name);
            if (name.Length == 0)
            {
                errors.Add(at.Child("name").Required());
            }

            errors.AddRange(wrong.Select(w => at.Child("name").Invalid(name, w)));
            if (name.Length > 0 && wrong.Count == 0 && !names.Add(name))
            {
                errors.Add(at.Child("name").Duplicate(name));
            }
        }

        return errors;
    }

    private static IEnumerable<FieldError> CheckSource(JsonNode? volume, FieldPath path)
    {
        var sources = (volume as JsonObject ?? []).Where(p => p.Key != "name" && p.Value is not null).Select(p => p.Key).ToList();
        if (sources.Count == 0)
        {
            return [path.Required("must specify a volume type")];
        }

        return
        [
            .. sources.Skip(1).Select(s => path.Child(s).Forbidden("may not specify more than 1 volume type")),
            .. volume.Has("secret") && volume.Map("secret").Text("secretName").Length == 0
                ? [path.Child("secret", "secretName").Required()] : Array.Empty<FieldError>(),
            .. volume.Has("configMap") && volume.Map("configMap").Text("name").Length == 0
                ? [path.Child("configMap", "name").Required()] : Array.Empty<FieldError>(),
            .. volume.Has("hostPath") && volume.Map("hostPath").Text("path").Length == 0
                ? [path.Child("hostPath", "path").Required()] : Array.Empty<FieldError>(),
            .. volume.Has("persistentVolumeClaim") && volume.Map("persistentVolumeClaim").Text("claimName").Length == 0
                ? [path.Child("persistentVolumeClaim", "claimName").Required()] : Array.Empty<FieldError>(),
        ];
    }

    private static IEnumerable<FieldError> CheckToleration(JsonNode? toleration, FieldPath path)
    {
        var (key, op, value, effect) =
            (toleration.Text("key"), toleration.Text("operator"), toleration.Text("value"), toleration.Text("effect"));
        foreach (var wrong in key.Length > 0 ? NameRules.LabelKey(key) : [])
        {
            yield return path.Child("key").Invalid(key, wrong);
        }

        if (key.Length == 0 && op != "Exists")
        {
            yield return path.Child("operator").Invalid(op, "operator must be Exists when `key` is empty, which means \"match "
                + "all values and all keys\"");
        }

        if (toleration.Has("tolerationSeconds") && effect != "NoExecute")
        {
            yield return path.Child("effect").Invalid(effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }

        if (op is "Equal" or "" && NameRules.LabelValue(value) is { Count: > 0 } faults)
        {
            yield return path.Child("operator").Invalid(value, string.Join(';', faults));
        }
        else if (op == "Exists" && value.Length > 0)
        {
            yield return path.Child("operator").Invalid(toleration, "value must be empty when `operator` is 'Exists'");
        }
        else if (op is not ("Equal" or "Exists" or ""))
        {
            yield return path.Child("operator").NotSupported(op, "Equal", "Exists");
        }

        if (effect is not ("" or "NoSchedule" or "PreferNoSchedule" or "NoExecute"))
        {
            yield return path.Child("effect").NotSupported(effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>What a container of a pod may say.</summary>
internal static class ContainerRules
{
    public static IEnumerable<FieldError> Check(JsonNode? container, HashSet<string> volumes, HashSet<string> names, FieldPath path)
    {
        var (name, policy) = (container.Text("name"), container.Text("terminationMessagePolicy"));
        return
        [
            .. name.Length == 0 ? [path.Child("name").Required()] : Array.Empty<FieldError>(),
            .. (name.Length == 0 ? [] : NameRules.DnsLabel(name)).Select(w => path.Child("name").Invalid(name, w)),
            .. name.Length > 0 && !names.Add(name) ? [path.Child("name").Duplicate(name)] : Array.Empty<FieldError>(),
            .. container.Text("image").Length == 0 ? [path.Child("image").Required()] : Array.Empty<FieldError>(),
            .. policy switch
            {
                "" => [path.Child("terminationMessagePolicy").Required()],
                "File" or "FallbackToLogsOnError" => Array.Empty<FieldError>(),
                _ => [path.Child("terminationMessagePolicy").Invalid(policy, "must be 'File' or 'FallbackToLogsOnError'")],
            },
            .. CheckPorts([.. container.Items("ports")], path.Child("ports")),
            .. container.Items("env").Index().SelectMany(e => CheckVariable(e.Item, path.Child("env").Index(e.Index))),
            .. CheckMounts(container, volumes, path.Child("volumeMounts")),
            .. PodRules.OneOf(container.Text("imagePullPolicy"), path.Child("imagePullPolicy"), "Always", "IfNotPresent", "Never"),
        ];
    }

    private static IEnumerable<FieldError> CheckPorts(List<JsonNode?> ports, FieldPath path)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, port) in ports.Index())
        {
            var at = path.Index(index);
            var (name, number, host) = (port.Text("name"), port.Number("containerPort") ?? 0, port.Number("hostPort") ?? 0);
            var wrong = name.Length > 0 ? NameRules.PortName(name) : [];
            foreach (var fault in wrong)
            {
                yield return at.Child("name").Invalid(name, fault);
            }

            if (name.Length > 0 && wrong.Count == 0 && !names.Add(name))
            {
                yield return at.Child("name").Duplicate(name);
            }

            if (number == 0)
            {
                yield return at.Child("containerPort").Required();
            }

            foreach (var fault in number == 0 ? [] : NameRules.PortNumber(number))
            {
                yield return at.Child("containerPort").Invalid(number, fault);
            }

            foreach (var fault in host == 0 ? [] : NameRules.PortNumber(host))
            {
                yield return at.Child("hostPort").Invalid(host, fault);
            }

            foreach (var error in PortRules.CheckProtocol(port.Text("protocol"), at.Child("protocol")))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<FieldError> CheckVariable(JsonNode? variable, FieldPath path)
    {
        var name = variable.Text("name");
        if (name.Length == 0)
        {
            yield return path.Child("name").Required();
        }

        if (name.Any(c => c is < ' ' or > '~' or '='))
        {
            yield return path.Child("name").Invalid(
                name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
        }

        if (variable.Map("valueFrom") is not { } source)
        {
            yield break;
        }

        var count = ((string[])["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"]).Count(f => source.Has(f));
        if (variable.Text("value").Length > 0 && count > 0)
        {
            yield return path.Child("valueFrom").Invalid("", "may not be specified when `value` is not empty");
        }

        if (count != 1)
        {
            yield return path.Child("valueFrom").Invalid("", count == 0
                ? "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
                : "may not have more than one field specified at a time");
        }
    }

    private static IEnumerable<FieldError> CheckMounts(JsonNode? container, HashSet<string> volumes, FieldPath path)
    {
        HashSet<string> places = new(StringComparer.Ordinal);
        foreach (var (index, mount) in container.Items("volumeMounts").Index())
        {
            var at = path.Index(index);
            var (name, place) = (mount.Text("name"), mount.Text("mountPath"));
            if (name.Length == 0)
            {
                yield return at.Child("name").Required();
            }
            else if (!volumes.Contains(name))
            {
                yield return at.Child("name").NotFound(name);
            }

            if (place.Length == 0)
            {
                yield return at.Child("mountPath").Required();
            }

            if (!places.Add(place))
            {
                yield return at.Child("mountPath").Invalid(place, "must be unique");
            }

            var sub = mount.Text("subPath");
            if (sub.StartsWith('/'))
            {
                yield return at.Child("subPath").Invalid(sub, "must be a relative path");
            }

            if (sub.Split('/').Contains(".."))
            {
                yield return at.Child("subPath").Invalid(sub, "must not contain '..'");
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>What an Ingress may say.</summary>
internal static class IngressRules
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private static readonly FieldPath Spec = new("spec");

    public static IEnumerable<FieldError> Check(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        var rules = spec.Items("rules").ToList();
        var className = spec.Text("ingressClassName");
        var annotations = operation.Object.Map("metadata", "annotations");
        return
        [
            .. rules.Count == 0 && !spec.Has("defaultBackend")
                ? [Spec.Invalid((JsonNode?)new JsonArray(), "either `defaultBackend` or `rules` must be specified")]
                : Array.Empty<FieldError>(),
            .. spec.Has("defaultBackend") ? CheckBackend(spec.Map("defaultBackend"), Spec.Child("defaultBackend")) : [],
            .. rules.Index().SelectMany(r => CheckRule(r.Item, Spec.Child("rules").Index(r.Index))),
            .. spec.Items("tls").Index().SelectMany(t => CheckTls(t.Item, Spec.Child("tls").Index(t.Index))),
            .. (spec.Has("ingressClassName") ? NameRules.DnsSubdomain(className) : [])
                .Select(w => Spec.Child("ingressClassName").Invalid(className, w)),
            .. operation.Old is null && annotations.Has(ClassAnnotation) && spec.Has("ingressClassName")
                && annotations.Text(ClassAnnotation) != className
                ? [new FieldPath("annotations").Child(ClassAnnotation).Invalid(
                    annotations.Text(ClassAnnotation), "must match `ingressClassName` when both are specified")]
                : Array.Empty<FieldError>(),
        ];
    }

    private static IEnumerable<FieldError> CheckRule(JsonNode? rule, FieldPath path)
    {
        var host = rule.Text("host");
        if (AddressRules.TryParse(host, out _))
        {
            yield return path.Child("host").Invalid(host, "must be a DNS name, not an IP address");
        }

        foreach (var wrong in CheckHost(host))
        {
            yield return path.Child("host").Invalid(host, wrong);
        }

        if (!rule.Has("http"))
        {
            yield break;
        }

        var paths = rule.Map("http").Items("paths").ToList();
        if (paths.Count == 0)
        {
            yield return path.Child("http", "paths").Required();
        }

        foreach (var error in paths.Index().SelectMany(p => CheckPath(p.Item, path.Child("http", "paths").Index(p.Index))))
        {
            yield return error;
        }
    }

    private static IEnumerable<string> CheckHost(string host) => host.Length == 0 ? []
        : host.Contains('*', StringComparison.Ordinal) ? NameRules.WildcardDnsSubdomain(host) : NameRules.DnsSubdomain(host);

    private static IEnumerable<FieldError> CheckPath(JsonNode? item, FieldPath path)
    {
        if (!item.Has("pathType"))
        {
            return [path.Child("pathType").Required("pathType must be specified")];
        }

        return [.. CheckPathText(item.Text("pathType"), item.Text("path"), path), .. CheckBackend(item.Map("backend"), path.Child("backend"))];
    }

    private static IEnumerable<FieldError> CheckPathText(string type, string text, FieldPath path)
    {
        if (type is not ("Exact" or "Prefix" or "ImplementationSpecific"))
        {
            yield return path.Child("pathType").NotSupported(type, "Exact", "ImplementationSpecific", "Prefix");
            yield break;
        }

        var exact = type != "ImplementationSpecific";
        if (!text.StartsWith('/') && (exact || text.Length > 0))
        {
            yield return path.Child("path").Invalid(text, "must be an absolute path");
        }

        foreach (var part in ((string[])["//", "/./", "/../", "%2f", "%2F"]).Where(p => exact && text.Contains(p, StringComparison.Ordinal)))
        {
            yield return path.Child("path").Invalid(text, $"must not contain '{part}'");
        }

        foreach (var end in ((string[])["/..", "/."]).Where(e => exact && text.EndsWith(e, StringComparison.Ordinal)))
        {
            yield return path.Child("path").Invalid(text, $"cannot end with '{end}'");
        }
    }

    private static IEnumerable<FieldError> CheckTls(JsonNode? tls, FieldPath path)
    {
        var secret = tls.Text("secretName");
        return
        [
            .. tls.Texts("hosts").Index().SelectMany(h => (h.Item.Contains('*', StringComparison.Ordinal)
                ? NameRules.WildcardDnsSubdomain(h.Item) : NameRules.DnsSubdomain(h.Item))
                .Select(w => path.Child("hosts").Index(h.Index).Invalid(h.Item, w))),
            .. (secret.Length > 0 ? NameRules.DnsSubdomain(secret) : []).Select(w => path.Child("secretName").Invalid(secret, w)),
        ];
    }

    private static IEnumerable<FieldError> CheckBackend(JsonObject? backend, FieldPath path) => (backend.Has("resource"), backend.Has("service")) switch
    {
        (true, true) => [path.Invalid("", "cannot set both resource and service backends")],
        (true, false) => ReferenceRules.Check(backend.Map("resource"), path.Child("resource")),
        (false, true) => CheckService(backend.Map("service"), path),
        _ => [path.Invalid("", "resource or service backend is required")],
    };

    private static IEnumerable<FieldError> CheckService(JsonObject? service, FieldPath path)
    {
        var name = service.Text("name");
        var (portName, number) = (service.Map("port").Text("name"), service.Map("port").Number("number") ?? 0);
        if (name.Length == 0)
        {
            yield return path.Child("service", "name").Required();
        }

        foreach (var wrong in name.Length > 0 ? NameRules.Dns1035Label(name) : [])
        {
            yield return path.Child("service", "name").Invalid(name, wrong);
        }

        if (portName.Length > 0 && number != 0)
        {
            yield return path.Invalid("", "cannot set both port name & port number");
        }
        else if (portName.Length == 0 && number == 0)
        {
            yield return path.Required("port name or number is required");
        }
        else
        {
            var port = path.Child("service", "port");
            foreach (var wrong in portName.Length > 0 ? NameRules.PortName(portName) : [])
            {
                yield return port.Child("name").Invalid(portName, wrong);
            }

            foreach (var wrong in number != 0 ? NameRules.PortNumber(number) : [])
            {
                yield return port.Child("number").Invalid(number, wrong);
            }
        }
    }
}

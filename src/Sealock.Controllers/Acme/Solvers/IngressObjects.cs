// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sealock.Acme.Challenges;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>An Ingress, as far as its rules go.</summary>
internal sealed record IngressRulesView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public JsonElement Spec { get; init; }
}

/// <summary>What leads validations to this process.</summary>
internal static class IngressResources
{
    public static ResourceType<IngressRulesView> Ingresses { get; } =
        new("networking.k8s.io", "v1", "ingresses", true, IngressJson.Default.IngressRulesView);

    public static ResourceType<MetadataView> Services { get; } = ResourceTypes.Metadata("", "v1", "services", true);

    public static ResourceType<MetadataView> Endpoints { get; } = ResourceTypes.Metadata("", "v1", "endpoints", true);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(IngressRulesView))]
internal sealed partial class IngressJson : JsonSerializerContext;

/// <summary>The objects that lead a Challenge's validation here: pure.</summary>
internal static class IngressObjects
{
    private const string Everyone = "0.0.0.0/0,::/0";

    /// <summary>The name of all of them.</summary>
    public static string NameOf(ChallengeView challenge) => $"cm-acme-http-solver-{OrderNames.Number(challenge.Metadata.Uid)}";

    /// <summary>Has no selector: its endpoints are told by <see cref="Endpoints"/>.</summary>
    public static JsonObject Service(ChallengeView challenge, IPEndPoint endpoint) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = Metadata(challenge, null),
        ["spec"] = new JsonObject
        {
            ["type"] = challenge.Spec.Solver.Http01?.Ingress?.ServiceType is { Length: > 0 } type ? type : "ClusterIP",
            ["ipFamilyPolicy"] = "SingleStack",
            ["ipFamilies"] = new JsonArray(endpoint.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4"),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = endpoint.Port, ["protocol"] = "TCP" }),
        },
    };

    public static JsonObject Endpoints(ChallengeView challenge, IPEndPoint endpoint) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Endpoints",
        ["metadata"] = Metadata(challenge, null),
        ["subsets"] = Subsets(endpoint),
    };

    public static JsonArray Subsets(IPEndPoint endpoint) => new(new JsonObject
    {
        ["addresses"] = new JsonArray(new JsonObject { ["ip"] = endpoint.Address.ToString() }),
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = endpoint.Port, ["protocol"] = "TCP" }),
    });

    public static JsonObject Ingress(ChallengeView challenge, IngressSolverView settings, int port)
    {
        var metadata = Metadata(challenge, settings.IngressTemplate?.Metadata);
        var annotations = (JsonObject)metadata["annotations"]!;
        annotations.TryAdd("nginx.ingress.kubernetes.io/whitelist-source-range", Everyone);
        if (settings.Class is { } @class)
            annotations["kubernetes.io/ingress.class"] = @class;
        var spec = new JsonObject { ["rules"] = new JsonArray(Rule(challenge, NameOf(challenge), port)) };
        if (settings.IngressClassName is { } className)
            spec["ingressClassName"] = className;
        return new JsonObject { ["apiVersion"] = "networking.k8s.io/v1", ["kind"] = "Ingress", ["metadata"] = metadata, ["spec"] = spec };
    }

    /// <summary>The rule for a Challenge's name.</summary>
    public static JsonObject Rule(ChallengeView challenge, string service, int port)
    {
        var rule = new JsonObject { ["http"] = new JsonObject { ["paths"] = new JsonArray(Path(challenge, service, port)) } };
        // An address is no host of a rule: the rule is then for every name.
        if (!IPAddress.TryParse(challenge.Spec.DnsName, out _))
            rule["host"] = challenge.Spec.DnsName;
        return rule;
    }

    public static JsonObject Path(ChallengeView challenge, string service, int port) => new()
    {
        ["path"] = Http01Answer.PathPrefix + challenge.Spec.Token,
        ["pathType"] = "Exact",
        ["backend"] = new JsonObject
        {
            ["service"] = new JsonObject { ["name"] = service, ["port"] = new JsonObject { ["number"] = port } },
        },
    };

    private static JsonObject Metadata(ChallengeView challenge, SecretTemplateView? template)
    {
        var labels = new JsonObject
        {
            ["acme.cert-manager.io/http01-solver"] = "true",
            ["acme.cert-manager.io/http-domain"] = OrderNames.Number(challenge.Spec.DnsName),
            ["acme.cert-manager.io/http-token"] = OrderNames.Number(challenge.Spec.Token),
        };
        var annotations = new JsonObject();
        foreach (var (key, value) in template?.Labels ?? MetadataView.Nameless.Labels)
            labels[key] = value;
        foreach (var (key, value) in template?.Annotations ?? MetadataView.Nameless.Annotations)
            annotations[key] = value;
        return new JsonObject
        {
            ["name"] = NameOf(challenge),
            ["namespace"] = challenge.Metadata.Namespace,
            ["labels"] = labels,
            ["annotations"] = annotations,
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = AcmeResources.ApiVersion,
                ["kind"] = ChallengeView.Kind,
                ["name"] = challenge.Metadata.Name,
                ["uid"] = challenge.Metadata.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            }),
        };
    }
}

/// <summary>The rules of somebody else's Ingress, with and without the path of a Challenge: pure.</summary>
internal static class IngressRules
{
    /// <summary>The rules with the path; null where it is there.</summary>
    public static JsonArray? With(JsonElement spec, ChallengeView challenge, string service, int port)
    {
        var rules = RulesOf(spec);
        if (PathsOf(rules, challenge).Any(path => IsOurs(path.Path, service)))
            return null;
        if (rules.OfType<JsonObject>().FirstOrDefault(rule => HostOf(rule) == challenge.Spec.DnsName) is not { } rule)
        {
            rules.Add((JsonNode)IngressObjects.Rule(challenge, service, port));
            return rules;
        }

        if (rule["http"] is not JsonObject http)
            rule["http"] = http = [];
        if (http["paths"] is not JsonArray paths)
            http["paths"] = paths = [];
        // First, for controllers that take the first that fits.
        paths.Insert(0, IngressObjects.Path(challenge, service, port));
        return rules;
    }

    /// <summary>The rules without the path; null where it is not there.</summary>
    public static JsonArray? Without(JsonElement spec, ChallengeView challenge, string service)
    {
        var rules = RulesOf(spec);
        var found = PathsOf(rules, challenge).Where(path => IsOurs(path.Path, service)).ToList();
        foreach (var (rule, paths, path) in found)
        {
            paths.Remove(path);
            if (paths.Count == 0)
                rules.Remove(rule);
        }

        return found.Count > 0 ? rules : null;
    }

    private static IEnumerable<(JsonObject Rule, JsonArray Paths, JsonObject Path)> PathsOf(JsonArray rules, ChallengeView challenge) =>
        rules.OfType<JsonObject>().Where(rule => HostOf(rule) == challenge.Spec.DnsName || HostOf(rule).Length == 0)
            .Where(rule => rule["http"]?["paths"] is JsonArray)
            .SelectMany(rule => rule["http"]!["paths"]!.AsArray().OfType<JsonObject>().Select(path => (rule, rule["http"]!["paths"]!.AsArray(), path)));

    private static JsonArray RulesOf(JsonElement spec) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array
            ? JsonArray.Create(rules)! : [];

    private static string HostOf(JsonObject rule) => rule["host"]?.GetValue<string>() ?? "";

    private static bool IsOurs(JsonObject path, string service) => path["backend"]?["service"]?["name"]?.GetValue<string>() == service;
}

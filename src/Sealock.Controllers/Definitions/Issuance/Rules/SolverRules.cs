// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>A solver of ACME challenges: one way, completely.</summary>
internal static class SolverRules
{
    private static readonly ImmutableArray<string> Ways = ["http01", "dns01", "tlsALPN01"];

    public static IEnumerable<FieldError> Check(JsonObject solver, FieldPath path)
    {
        var errors = new List<FieldError>();
        var ways = Ways.Count(way => solver.Map(way) is not null);
        if (solver.Map("http01") is { } http)
            errors.AddRange(Http(http, path.Child("http01")));
        if (ways > 1)
            errors.Add(path.Forbidden("may not specify more than one solver type in a single solver"));
        else if (solver.Map("dns01") is { } dns)
            errors.AddRange(DnsSolverRules.Check(dns, path.Child("dns01")));
        if (ways == 0)
            errors.Add(path.Required("no solver type configured"));
        FieldRules.Duration(solver, "waitInsteadOfSelfCheck", path, errors);
        return errors;
    }

    private static IEnumerable<FieldError> Http(JsonObject http, FieldPath path) => (http.Map("ingress"), http.Map("gatewayHTTPRoute")) switch
    {
        ({ } ingress, null) => Ingress(ingress, path.Child("ingress")),
        (null, { } route) => Route(route, path.Child("gatewayHTTPRoute")),
        (null, null) => [path.Required("no HTTP01 solver type configured")],
        _ => [path.Required("only 1 HTTP01 solver type may be configured")],
    };

    private static IEnumerable<FieldError> Ingress(JsonObject ingress, FieldPath path)
    {
        var className = ingress.Text("ingressClassName");
        return
        [
            .. ((ReadOnlySpan<string>)["class", "ingressClassName", "name"]).ToArray().Count(ingress.Has) > 1
                ? [path.Forbidden("only one of 'ingressClassName', 'name' or 'class' should be specified")]
                : Array.Empty<FieldError>(),
            .. ingress.Has("ingressClassName")
                ? NameRules.DnsSubdomain(className).Select(wrong => path.Child("ingressClassName").Invalid(
                    className, "must be a valid IngressClass name: " + wrong))
                : [],
            .. ServiceType(ingress, path),
        ];
    }

    private static IEnumerable<FieldError> Route(JsonObject route, FieldPath path) =>
    [
        .. ServiceType(route, path),
        .. route.Items("parentRefs").Index().Where(parent => parent.Item.Text("name").Length == 0)
            .Select(parent => path.Child("parentRefs").Index(parent.Index).Child("name").Required("name is required when kind is specified")),
    ];

    private static IEnumerable<FieldError> ServiceType(JsonObject owner, FieldPath path) =>
        owner.Text("serviceType") is "" or "ClusterIP" or "NodePort"
            ? [] : [path.Child("serviceType").Invalid(owner.Text("serviceType"), "must be empty, \"ClusterIP\" or \"NodePort\"")];
}

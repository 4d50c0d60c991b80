// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>The solver for a name, as cert-manager chooses it: pure.</summary>
/// <param name="Solver">The solver.</param>
/// <param name="Json">The same as it stands in the issuer, with what the Order's annotations change of it.</param>
internal sealed record SolverChoice(SolverView Solver, JsonObject Json)
{
    private const string OverrideName = "acme.cert-manager.io/http01-override-ingress-name";
    private const string OverrideClass = "acme.cert-manager.io/http01-override-ingress-class";
    private const string OverrideClassName = "acme.cert-manager.io/http01-override-ingress-ingressclassname";

    /// <summary>
    /// The narrowest of the solvers that fit: one that lists the name, else the one with the longest zone, else with the most
    /// labels, else the first.
    /// </summary>
    /// <param name="solvers">Those of the issuer.</param>
    /// <param name="name">The name, with the asterisk of a wildcard.</param>
    /// <param name="types">The types of challenge that will do.</param>
    /// <param name="labels">Labels of the Order.</param>
    /// <param name="annotations">Annotations of the Order.</param>
    public static SolverChoice? Pick(
        IReadOnlyList<JsonElement> solvers, string name, IReadOnlyCollection<string> types,
        IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations)
    {
        (SolverView Solver, JsonElement Json, (bool Name, int Zone, int Labels) Rank)? best = null;
        foreach (var json in solvers)
        {
            if (AcmeIssuerView.Read(json, AcmeJson.Default.SolverView) is not { } solver || !types.Contains(solver.Type)
                || Rank(solver.Selector, name, labels) is not { } rank)
                continue;
            if (best is null || rank.CompareTo(best.Value.Rank) > 0)
                best = (solver, json, rank);
        }

        if (best is not { } chosen)
            return null;
        var copy = JsonObject.Create(chosen.Json)!;
        return Override(copy, annotations) && copy.Deserialize(AcmeJson.Default.SolverView) is { } changed
            ? new(changed, copy) : new(chosen.Solver, copy);
    }

    /// <summary>The types of challenge that a server can offer for a name (RFC 8555, RFC 8738).</summary>
    public static IReadOnlyCollection<string> PossibleTypes(AcmeIdentifier identifier) =>
        identifier.IsWildcard ? [ChallengeTypes.Dns01]
        : identifier.Type == AcmeIdentifier.Ip ? [ChallengeTypes.Http01, ChallengeTypes.TlsAlpn01]
        : [ChallengeTypes.Http01, ChallengeTypes.TlsAlpn01, ChallengeTypes.Dns01];

    /// <summary>How narrow a selector is; null where it leaves the name out.</summary>
    private static (bool Name, int Zone, int Labels)? Rank(SolverSelectorView? selector, string name, IReadOnlyDictionary<string, string> labels)
    {
        if (selector is null)
            return (false, 0, 0);
        if (selector.DnsNames.Count > 0 && !selector.DnsNames.Contains(name, StringComparer.OrdinalIgnoreCase))
            return null;
        var zone = selector.DnsZones.Where(zone => IsIn(name, zone)).Select(zone => zone.Count(c => c == '.') + 1).DefaultIfEmpty(0).Max();
        if (selector.DnsZones.Count > 0 && zone == 0)
            return null;
        return selector.MatchLabels.All(label => labels.GetValueOrDefault(label.Key) == label.Value)
            ? (selector.DnsNames.Count > 0, zone, selector.MatchLabels.Count) : null;
    }

    private static bool IsIn(string name, string zone) =>
        name.Equals(zone, StringComparison.OrdinalIgnoreCase)
        || (name.Length > zone.Length && name[^(zone.Length + 1)] == '.' && name.EndsWith(zone, StringComparison.OrdinalIgnoreCase));

    /// <summary>An annotated Ingress leads its own validations over itself, or over another class.</summary>
    private static bool Override(JsonObject solver, IReadOnlyDictionary<string, string> annotations)
    {
        if (solver["http01"]?["ingress"] is not JsonObject ingress)
            return false;
        foreach (var (annotation, field) in (ReadOnlySpan<(string, string)>)
            [(OverrideName, "name"), (OverrideClass, "class"), (OverrideClassName, "ingressClassName")])
        {
            if (annotations.GetValueOrDefault(annotation) is not { Length: > 0 } value)
                continue;
            ingress.Remove("name");
            ingress.Remove("class");
            ingress.Remove("ingressClassName");
            ingress[field] = value;
            return true;
        }

        return false;
    }
}

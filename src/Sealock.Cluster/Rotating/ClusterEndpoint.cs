// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Rotating;

/// <summary>Where a served certificate can be seen.</summary>
/// <param name="Certificate">The certificate that is to be served there.</param>
/// <param name="Host">Name or address to connect to.</param>
/// <param name="Port">TCP port.</param>
public sealed record ClusterEndpoint(PlannedCertificate Certificate, string Host, int Port)
{
    /// <summary>The node.</summary>
    public ClusterNode Node => Certificate.Node;

    /// <summary><c>NODE/NAME</c>.</summary>
    public string Title => Certificate.Title;

    /// <summary>Host and port as written in URLs.</summary>
    public string Address => ClusterConfiguration.UrlOf(Host, Port)["https://".Length..];

    /// <inheritdoc/>
    public override string ToString() => $"{Title} ({Address})";
}

/// <summary>Which endpoints a cluster has, by its configuration and what the user says otherwise.</summary>
public static class EndpointTable
{
    /// <summary>All endpoints, node by node.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="overrides"><c>NODE/NAME=HOST:PORT</c>, or <c>NODE/NAME=none</c> for one that is not to be asked.</param>
    /// <returns>The endpoints, and what is wrong with the overrides.</returns>
    public static (IReadOnlyList<ClusterEndpoint> Endpoints, IReadOnlyList<string> Mistakes) Of(ClusterPlan plan, IReadOnlyList<string> overrides)
    {
        var places = new Dictionary<string, (string Host, int Port)?>(StringComparer.Ordinal);
        var mistakes = new List<string>();
        var served = plan.Certificates.Where(certificate => certificate.ServedPort is not null).ToList();
        foreach (var text in overrides)
        {
            var parts = text.Split('=', 2);
            var place = parts.Length == 2 && parts[1] != "none" ? ConfigurationReader.ParseEndpoint(parts[1], 0) : null;
            if (parts.Length != 2 || (parts[1] != "none" && place is not { Port: > 0 }))
                mistakes.Add($"--endpoint: \"{text}\" is not NODE/NAME=HOST:PORT; write it like master1/apiserver=10.0.0.1:6443, or …=none to ask nobody there");
            else if (!served.Any(certificate => certificate.Title == parts[0]))
                mistakes.Add($"--endpoint: there is no served certificate {parts[0]}; there are: {Some(served)}");
            else
                places[parts[0]] = place;
        }

        var endpoints = new List<ClusterEndpoint>();
        foreach (var certificate in served)
        {
            if (!places.TryGetValue(certificate.Title, out var place))
                endpoints.Add(new(certificate, certificate.Node.Address.ToString(), certificate.ServedPort ?? 0));
            else if (place is { } other)
                endpoints.Add(new(certificate, other.Host, other.Port));
        }

        return (endpoints, mistakes);
    }

    private static string Some(List<PlannedCertificate> served) =>
        string.Join(", ", served.Take(8).Select(certificate => certificate.Title))
        + (served.Count > 8 ? string.Create(CultureInfo.InvariantCulture, $" and {served.Count - 8} more") : "");
}

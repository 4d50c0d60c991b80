// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Surveying;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether a server's certificate has the names that clients look for.</summary>
internal static class NameRules
{
    public static Rule<SurveyedLeaf> Missing { get; } = new("name-missing", Severity.Error,
        "Clients that reach the server by such a name refuse its certificate. A common name does not count.",
        (survey, leaf) =>
        {
            var wanted = leaf.Expected?.Names ?? [];
            var missing = wanted.Where(name => !Covers(leaf.Certificate, name)).ToList();
            if (missing.Count == 0 && leaf.Certificate.Names.Count == 0 && (leaf.Expected?.IsServer ?? leaf.Certificate.KeyPurposes.Contains(KeyPurposes.ServerAuth))
                && leaf.Expected?.Name != "etcd-peer")
                return [new("it has no alternative names at all (subjectAltName)", Fix(survey, leaf, []))];
            return missing.Count == 0 ? []
                : leaf.Certificate.Names.Count == 0 ? [new($"it has no alternative names at all (subjectAltName); {Listed(missing)} {(missing.Count == 1 ? "is" : "are")} needed", Fix(survey, leaf, missing))]
                : [new($"its names lack {Listed(missing)}", Fix(survey, leaf, missing))];
        });

    public static Rule<SurveyedLeaf> Odd { get; } = new("name-odd", Severity.Warning,
        "No client matches such a name, or more match it than was meant.",
        (survey, leaf) => leaf.Certificate.Names.Select(Oddity).OfType<string>().Select(oddity => new Fault(oddity, Remedies.Reissue(survey, leaf.File))));

    public static Rule<SurveyedLeaf> Unplanned { get; } = new("name-unplanned", Severity.Info,
        "Whoever holds the key can pass for a name that nobody asked for, such as a former address.",
        (survey, leaf) => leaf.Expected is { IsPlanned: true, Names.Count: > 0 } expected
            && leaf.Certificate.Names.Where(name => !expected.Names.Contains(name)).ToList() is { Count: > 0 } extra
                ? [new($"it has names that the configuration does not: {Listed(extra)}", $"add them to certSANs in cluster.yaml, or {Remedies.Reissue(survey, leaf.File)}")]
                : []);

    private static bool Covers(Certificate certificate, GeneralName name) => name.Kind switch
    {
        GeneralNameKind.Dns when name.Text.StartsWith('*') => certificate.Names.Contains(name),
        GeneralNameKind.Dns or GeneralNameKind.IpAddress => HostNames.Refuse(certificate, name.Text) is null,
        _ => certificate.Names.Contains(name),
    };

    private static string? Oddity(GeneralName name)
    {
        if (name.Kind == GeneralNameKind.IpAddress)
            return name.Address is { } address && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? $"{name} is no address of a server" : null;
        if (name.Kind != GeneralNameKind.Dns)
            return null;
        if (IPAddress.TryParse(name.Text, out _))
            return $"{name} is an address written as a DNS name; clients look for it among the addresses";
        if (!HostNames.IsValidDnsName(name.Text, allowWildcard: true))
            return $"\"{name.Text}\" is no DNS name";
        return name.Text.StartsWith("*.", StringComparison.Ordinal) && name.Text.Count(c => c == '.') < 2
            ? $"the wildcard {name.Text} stands for a whole top-level domain"
            : name.Text is "*.svc.cluster.local" or "*.default.svc" ? $"the wildcard {name.Text} lets the holder pass for every service of it" : null;
    }

    private static string Fix(Survey survey, SurveyedLeaf leaf, List<GeneralName> missing)
    {
        var reissue = Remedies.Reissue(survey, leaf.File);
        return survey.Scope is { Set: null, IsKubeadm: false } && missing.Count > 0
            ? $"{reissue}; with openssl, sign with -copy_extensions copy or -extfile naming subjectAltName = {string.Join(",", missing)}"
            : reissue;
    }

    private static string Listed(List<GeneralName> names) =>
        string.Join(", ", names.Take(8).Select(name => name.Text)) + (names.Count > 8 ? $" and {names.Count - 8} more" : "");
}

// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>A mistake in an openssl configuration.</summary>
/// <param name="What">What is wrong, with the line.</param>
/// <param name="Fix">What to write.</param>
internal sealed record OpenSslMistake(string What, string Fix);

/// <summary>Reads the sections of an openssl configuration that describe X.509 extensions. Total over any text.</summary>
internal static class OpenSslText
{
    private static readonly string[] ExtensionNames =
    [
        "basicConstraints", "keyUsage", "extendedKeyUsage", "subjectKeyIdentifier", "authorityKeyIdentifier", "subjectAltName", "issuerAltName",
        "authorityInfoAccess", "subjectInfoAccess", "crlDistributionPoints", "certificatePolicies", "policyConstraints", "policyMappings",
        "inhibitAnyPolicy", "nameConstraints", "noCheck", "tlsfeature", "nsCertType", "nsComment", "issuingDistributionPoint", "freshestCRL", "proxyCertInfo", "nsCaRevocationUrl", "nsBaseUrl", "nsRevocationUrl", "nsRenewalUrl", "nsCaPolicyUrl", "nsSslServerName",
    ];

    private static readonly FrozenDictionary<string, string[]> Values = new Dictionary<string, string[]>
    {
        ["keyUsage"] = ["digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"],
        ["extendedKeyUsage"] = ["serverAuth", "clientAuth", "codeSigning", "msSmartcardLogin", "nsSGC", "msSGC", "emailProtection", "timeStamping", "OCSPSigning", "ipsecIKE", "msCodeInd", "msCodeCom", "msCTLSign", "msEFS", "anyExtendedKeyUsage"],
    }.ToFrozenDictionary();

    /// <summary>Every mistake, in the order of lines.</summary>
    public static IReadOnlyList<OpenSslMistake> Mistakes(string text)
    {
        var lines = Parse(text);
        var sections = lines.Select(line => line.Section).ToHashSet(StringComparer.Ordinal);
        var ofExtensions = lines.Where(line => line.Name is "req_extensions" or "x509_extensions" or "extensions").Select(line => line.Value)
            .Concat(sections.Where(section => section.StartsWith("v3_", StringComparison.Ordinal) || section is "SAN")).ToHashSet(StringComparer.Ordinal);
        var mistakes = new List<OpenSslMistake>();
        foreach (var line in lines)
        {
            if (line.Name is "req_extensions" or "x509_extensions" && !sections.Contains(line.Value))
                mistakes.Add(new($"line {line.Number}: {line.Name} names the section [{line.Value}], which is not there", $"write the section [{line.Value}]"));
            else if (line.Name.Length > 0 && ofExtensions.Contains(line.Section))
                mistakes.AddRange(OfExtension(line, sections));
        }

        return mistakes;
    }

    private static IEnumerable<OpenSslMistake> OfExtension(Line line, HashSet<string> sections)
    {
        if (!ExtensionNames.Contains(line.Name) && !line.Name.Contains('.', StringComparison.Ordinal))
        {
            var nearest = Nearest(line.Name, ExtensionNames);
            yield return new($"line {line.Number}: \"{line.Name}\" is no X.509 extension", nearest is null ? "remove the line" : $"write {nearest} = {line.Value}");
            yield break;
        }

        if (line.Value.TrimEnd().EndsWith(','))
            yield return new($"line {line.Number}: {line.Name} ends in a comma", line.Name == "keyUsage" && !line.Value.Contains("digitalSignature", StringComparison.Ordinal)
                ? "write keyUsage = digitalSignature, keyEncipherment, which TLS needs"
                : $"write {line.Name} = {line.Value.TrimEnd(' ', ',')}");
        if (line.Value.StartsWith('@') && !sections.Contains(line.Value[1..]))
            yield return new($"line {line.Number}: {line.Name} names the section [{line.Value[1..]}], which is not there", $"write the section [{line.Value[1..]}]");
        if (!Values.TryGetValue(line.Name, out var known))
            yield break;
        foreach (var value in line.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (value != "critical" && !known.Contains(value) && !value.Contains('.', StringComparison.Ordinal))
            {
                yield return new($"line {line.Number}: \"{value}\" is no value of {line.Name}",
                    Nearest(value, known) is { } nearest ? $"write {nearest}" : $"write some of {string.Join(", ", known)}");
            }
        }
    }

    private static List<Line> Parse(string text)
    {
        var lines = new List<Line>();
        var section = "default";
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Split('#', 2)[0].Trim();
            if (line.StartsWith('[') && line.EndsWith(']'))
            {
                section = line[1..^1].Trim();
                lines.Add(new(number, section, "", ""));
                continue;
            }

            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                lines.Add(new(number, section, line[..equals].Trim(), line[(equals + 1)..].Trim()));
        }

        return lines;
    }

    /// <summary>The name that a misspelt one was probably meant to be; null where none is near.</summary>
    internal static string? Nearest(string word, IEnumerable<string> names) => names
        .Select(name => (Name: name, Distance: Distance(word.ToLowerInvariant(), name.ToLowerInvariant())))
        .Where(pair => pair.Distance <= 1 + (pair.Name.Length / 5)).OrderBy(pair => pair.Distance).Select(pair => pair.Name).FirstOrDefault();

    /// <summary>Levenshtein's distance, of words as long as names are.</summary>
    private static int Distance(string left, string right)
    {
        if (left.Length > 64)
            return int.MaxValue;
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            row[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }

    private readonly record struct Line(int Number, string Section, string Name, string Value);
}

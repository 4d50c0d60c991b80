// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Dns;

/// <summary>Who asks for a certificate, as CAA records see it.</summary>
public sealed record CaaSubject
{
    /// <summary>The names the CA goes by (its directory's <c>caaIdentities</c>).</summary>
    public required IReadOnlyList<string> Issuers { get; init; }

    /// <summary>The account's URL; null where it is not known yet, so that a record that names accounts is not judged by it.</summary>
    public string? AccountUrl { get; init; }

    /// <summary>The challenge types that may be used; none where it is not known yet.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];
}

/// <summary>What the CAA records of a name say.</summary>
public sealed record CaaVerdict
{
    /// <summary>Whether the certificate may be issued, as far as is known.</summary>
    public required bool IsAllowed { get; init; }

    /// <summary>Whether the records could not be asked: a CA may refuse for that too.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Why not, or why it is not known, in one line.</summary>
    public string? Reason { get; init; }

    /// <summary>The record that refuses; null where there is none such.</summary>
    public CaaRecord? Refusing { get; init; }

    internal static CaaVerdict Allowed { get; } = new() { IsAllowed = true };

    internal static CaaVerdict Unknown(string reason) => new() { IsAllowed = true, IsUnknown = true, Reason = reason };
}

/// <summary>What CAA records mean (RFC 8659, RFC 8657): pure.</summary>
public static class CaaRules
{
    private static readonly string[] KnownTags = ["issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"];

    /// <summary>Judges the records of one name, which are all there are: the first ones found on the way up.</summary>
    /// <param name="at">The name they stand at.</param>
    /// <param name="records">The records.</param>
    /// <param name="isWildcard">Whether a wildcard is asked for.</param>
    /// <param name="subject">Who asks.</param>
    public static CaaVerdict Judge(string at, IReadOnlyList<CaaRecord> records, bool isWildcard, CaaSubject subject)
    {
        if (records.FirstOrDefault(record => record.IsCritical && !KnownTags.Contains(record.Tag)) is { } unknown)
            return Refuse(unknown, $"{at} has a critical CAA record that no CA is bound to know");
        var wild = isWildcard ? records.Where(record => record.Tag == "issuewild").ToList() : [];
        var relevant = wild.Count > 0 ? wild : [.. records.Where(record => record.Tag == "issue")];
        if (relevant.Count == 0)
            return CaaVerdict.Allowed;
        string? closest = null;
        foreach (var record in relevant)
        {
            var (issuer, parameters) = Split(record.Value);
            if (!subject.Issuers.Contains(issuer, StringComparer.OrdinalIgnoreCase))
                continue;
            closest = Mismatch(parameters, subject);
            if (closest is null)
                return CaaVerdict.Allowed;
        }

        return Refuse(relevant[0], closest is null
            ? $"the CAA records of {at} allow {string.Join(" and ", relevant.Select(record => record.ToString()).Take(5))}, not this CA: add 0 issue \"{subject.Issuers[0]}\""
            : $"the CAA records of {at} allow this CA, but {closest}");
    }

    private static CaaVerdict Refuse(CaaRecord record, string reason) => new() { IsAllowed = false, Refusing = record, Reason = $"{reason} ({record})" };

    /// <summary>The first parameter that does not fit; null where all do. Those a CA makes up itself are not judged.</summary>
    private static string? Mismatch(IReadOnlyList<(string Tag, string Value)> parameters, CaaSubject subject)
    {
        foreach (var (tag, value) in parameters)
        {
            if (tag == "accounturi" && subject.AccountUrl is { } account && account != value)
                return $"only for the account {value}";
            if (tag == "validationmethods" && subject.Methods.Count > 0)
            {
                var methods = value.Split(',', StringSplitOptions.TrimEntries);
                if (!subject.Methods.Any(methods.Contains))
                    return $"only validated by {value}";
            }
        }

        return null;
    }

    /// <summary>The issuer and parameters of a value; a malformed one names nobody, and so allows nobody.</summary>
    private static (string Issuer, IReadOnlyList<(string Tag, string Value)> Parameters) Split(string value)
    {
        var parts = value.Split(';', StringSplitOptions.TrimEntries);
        var parameters = new List<(string, string)>();
        foreach (var part in parts.Skip(1).Where(part => part.Length > 0))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                return ("", []);
            parameters.Add((part[..equals].TrimEnd().ToLowerInvariant(), part[(equals + 1)..].TrimStart()));
        }

        return (parts[0].TrimEnd('.'), parameters);
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Paths;

/// <summary>How much comparing a verification may do; a hostile chain can ask for names times constraints.</summary>
internal sealed class ConstraintBudget
{
    private int remaining = 250_000;

    public bool Spend() => remaining-- > 0;
}

/// <summary>Checks names against name constraints (RFC 5280 4.2.1.10).</summary>
internal static class NameConstraintChecker
{
    /// <summary>Null where every name of every certificate is allowed, else the offending one in plain words.</summary>
    public static string? Refuse(NameConstraints constraints, IEnumerable<Certificate> certificates, ConstraintBudget budget)
    {
        foreach (var certificate in certificates)
        {
            foreach (var name in NamesOf(certificate))
                if (RefuseName(constraints, name, budget) is { } reason)
                    return reason;
        }
        return null;
    }

    private static IEnumerable<GeneralName> NamesOf(Certificate certificate)
    {
        foreach (var name in certificate.Names)
            yield return name;
        if (certificate.Subject.IsEmpty)
            yield break;
        yield return GeneralName.Directory(certificate.Subject);
        // Old certificates carry the mailbox in the subject; RFC 5280 constrains it where there is no alternative name.
        if (certificate.Names.Count > 0)
            yield break;
        foreach (var address in certificate.Subject.Values(Oids.EmailAddress))
            if (Mailbox.TryParse(address, out _))
                yield return GeneralName.Email(address);
    }

    private static string? RefuseName(NameConstraints constraints, GeneralName name, ConstraintBudget budget)
    {
        foreach (var subtree in constraints.Excluded)
        {
            if (subtree.Kind != name.Kind)
                continue;
            if (!budget.Spend())
                return "there are too many names and constraints to compare";
            if (Matches(subtree, name, excluded: true))
                return $"{name} lies in the excluded subtree {subtree}";
        }
        var restricted = false;
        foreach (var subtree in constraints.Permitted)
        {
            if (subtree.Kind != name.Kind)
                continue;
            if (!budget.Spend())
                return "there are too many names and constraints to compare";
            if (Matches(subtree, name, excluded: false))
                return null;
            restricted = true;
        }
        return restricted ? $"{name} lies in none of the permitted subtrees" : null;
    }

    /// <summary>
    /// Whether a name lies in a subtree. What cannot be decided (a malformed name, a kind without rules) counts as
    /// excluded and as not permitted.
    /// </summary>
    private static bool Matches(GeneralName subtree, GeneralName name, bool excluded)
    {
        switch (name.Kind)
        {
            case GeneralNameKind.Dns:
                return HostNames.IsValidDnsName(name.Text, allowWildcard: true)
                    ? InDomain(subtree.Text, name.Text, excluded)
                    : excluded;
            case GeneralNameKind.Email:
                return Mailbox.TryParse(name.Text, out var mailbox) ? MatchesMailbox(subtree.Text, mailbox, excluded) : excluded;
            case GeneralNameKind.Uri:
                return Uri.TryCreate(name.Text, UriKind.Absolute, out var uri) && uri.Host.Length > 0
                    && uri.HostNameType == UriHostNameType.Dns
                    ? MatchesHost(subtree.Text, uri.Host, excluded)
                    : excluded;
            case GeneralNameKind.IpAddress:
                return IpRange.Parse(subtree.Text).Contains(IPAddress.Parse(name.Text));
            case GeneralNameKind.Directory:
                return IsPrefix(DirectoryOf(subtree), DirectoryOf(name));
            default:
                return excluded;
        }
    }

    /// <summary>
    /// DNS: the name itself or anything below it. A wildcard name is excluded with any name it could stand for.
    /// </summary>
    private static bool InDomain(string constraint, string name, bool excluded)
    {
        if (constraint.Length == 0)
            return true;
        var subdomainsOnly = constraint[0] == '.';
        var wanted = (subdomainsOnly ? constraint[1..] : constraint).Split('.');
        var labels = name.Split('.');
        if (labels.Length < wanted.Length || (subdomainsOnly && labels.Length == wanted.Length))
            return false;
        for (var i = 1; i <= wanted.Length; i++)
        {
            if (excluded && labels[^i] == "*")
                continue;
            if (!labels[^i].Equals(wanted[^i], StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    private static bool MatchesMailbox(string constraint, Mailbox mailbox, bool excluded)
    {
        var at = constraint.LastIndexOf('@');
        return at < 0
            ? MatchesHost(constraint, mailbox.Domain, excluded)
            : constraint.AsSpan(0, at).SequenceEqual(mailbox.Local)
                && constraint.AsSpan(at + 1).Equals(mailbox.Domain, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Email and URI: a host exactly, or with a leading dot the hosts below it. Verifiers differ on whether a plain host
    /// includes those below: it does for exclusion and does not for permission.
    /// </summary>
    private static bool MatchesHost(string constraint, string host, bool excluded) =>
        constraint.Length == 0
        || (constraint[0] == '.' || excluded
            ? InDomain(constraint, host, excluded)
            : constraint.Equals(host, StringComparison.OrdinalIgnoreCase));

    private static DistinguishedName DirectoryOf(GeneralName name) =>
        Der.Parse("a directory name", name.Der, reader =>
            DistinguishedName.Read(reader.ReadSequence(GeneralName.TagOf(GeneralNameKind.Directory))));

    private static bool IsPrefix(DistinguishedName prefix, DistinguishedName name)
    {
        if (prefix.Rdns.Count > name.Rdns.Count)
            return false;
        for (var i = 0; i < prefix.Rdns.Count; i++)
        {
            var (left, right) = (prefix.Rdns[i], name.Rdns[i]);
            if (left.Count != right.Count || !left.All(l => right.Any(r => Same(l, r))))
                return false;
        }
        return true;
    }

    private static bool Same(NameAttribute left, NameAttribute right) =>
        left.Oid == right.Oid
        && left.Value.AsSpan().Trim().Equals(right.Value.AsSpan().Trim(), StringComparison.OrdinalIgnoreCase);
}

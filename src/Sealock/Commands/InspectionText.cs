// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Handshakes;
using Sealock.Cluster.Inspecting;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Revocation;

namespace Sealock.Commands;

/// <summary>
/// Prints what was inspected for people. Rules: a heading for each source, aligned rows below it, one fact a row; what is absent
/// is left out; what is wrong is marked with <c>!</c>; nothing that came from outside can move the cursor.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="terminal">Columns and colours.</param>
internal sealed class InspectionText(TextWriter output, Terminal terminal)
{
    private const int LabelWidth = 11;
    private const int MaxOthers = 3;
    private const int MaxRevoked = 20;
    private const int MaxDump = 40;

    private InspectionRelations relations = InspectionRelations.Among([]);
    private DateTimeOffset now;
    private TimeSpan soon;

    /// <summary>Everything. Sources that could not be read go to standard error.</summary>
    public void Write(
        IReadOnlyList<InspectedSource> sources, InspectionRelations found, IReadOnlyList<InspectionFinding> findings, DateTimeOffset at, TimeSpan within)
    {
        (relations, now, soon) = (found, at, within);
        var ofItem = findings.Where(f => f.Item is not null).ToLookup(f => f.Item!, EqualityComparer<InspectedItem>.Default);
        var first = true;
        foreach (var source in sources)
        {
            if (source.Failure is { } failure)
            {
                output.Flush();
                Console.Error.WriteLine(Printable.Of($"sealock: {source.Name}: {failure}{(source.NamedBy is { } by ? $" (named by {by})" : "")}"));
            }

            if (source.Items.Count == 0 && (source.Failure is not null || source.Answer is null))
                continue;
            if (!first)
                output.WriteLine();
            first = false;
            Write(source, ofItem);
        }
    }

    /// <summary>Only what is wrong, and how much was looked at.</summary>
    public void WriteFindings(IReadOnlyList<InspectedSource> sources, IReadOnlyList<InspectionFinding> findings)
    {
        foreach (var finding in findings.OrderByDescending(f => f.Severity))
        {
            var (word, colour) = Marked(finding.Severity);
            Wrap($"{word,-7}  ", [$"{Place(finding)}: {finding.Message}"], "", colour);
        }

        var certificates = sources.Sum(s => s.Items.Count(i => i.Content is CertificateContent));
        var errors = findings.Count(f => f.Severity == InspectionSeverity.Error);
        var warnings = findings.Count - errors;
        output.WriteLine(terminal.Paint(
            $"{Count(certificates, "certificate")} in {Count(sources.Select(s => s.Name).Distinct().Count(), "place")}: "
            + (errors + warnings == 0 ? "nothing is wrong" : $"{Count(errors, "error")}, {Count(warnings, "warning")}"),
            errors > 0 ? Terminal.Red : warnings > 0 ? Terminal.Yellow : Terminal.Green));
    }

    private void Write(InspectedSource source, ILookup<InspectedItem, InspectionFinding> findings)
    {
        var format = source.NamedBy is { } by ? $"{source.Format}, named by {by}" : source.Format;
        output.WriteLine($"{terminal.Paint(Printable.Of(source.Name), Terminal.Bold)}  {terminal.Paint(Printable.Of(format), Terminal.Dim)}");
        if (source.Answer is { } answer)
            Write(answer);
        foreach (var (index, item) in source.Items.Index())
        {
            if (source.Items.Count > 1 || item.Entry.Length > 0 || item.Content is not CertificateContent)
            {
                var place = string.Join(", ", new[] { item.Entry, item.Content.Label is { } label ? $"\"{label}\"" : "" }.Where(part => part.Length > 0));
                var number = source.Items.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" {index + 1}") : "";
                output.WriteLine(Printable.Of($"{item.Content.Kind}{number}{(place.Length > 0 ? $" ({place})" : "")}"));
            }

            Write(item);
            foreach (var finding in findings[item])
                Wrap("  ! ", finding.Message.Split(' '), " ", Marked(finding.Severity).Colour);
        }
    }

    private void Write(EndpointAnswer answer)
    {
        Row("suite", answer.CipherSuite ?? "");
        Row("ALPN", answer.ApplicationProtocol ?? "");
        if (answer.ClientCertificateRequested)
            Row("asks for", "a client certificate");
        if (answer.Failure is { } failure)
            Row("handshake", $"not completed: {failure}");
    }

    private void Write(InspectedItem item)
    {
        switch (item.Content)
        {
            case CertificateContent:
                Write(item, item.Facts!);
                break;
            case RequestContent { Request: var request }:
                Write(item, RequestFacts.Of(request));
                break;
            case RevocationListContent { List: var list }:
                Write(item, list);
                break;
            case PublicKeyContent { Key: var key }:
                WriteKey(item, KeyFacts.Of(key), "");
                break;
            case PrivateKeyContent key:
                var form = key.Protection is { } protection ? $"{key.Form}, encrypted: {protection}" : $"{key.Form}, not encrypted";
                if (key.Key is { } opened)
                    WriteKey(item, KeyFacts.Of(opened), $" ({form})");
                else
                    Row("form", form);
                if (key.Locked is { } locked)
                    Row("not opened", locked);
                break;
        }
    }

    private void Write(InspectedItem item, CertificateFacts facts)
    {
        Row("subject", facts.Subject.Length == 0 ? "(empty)" : facts.Subject);
        Row("issuer", facts.IsSelfSigned ? "itself (self-signed)" : facts.Issuer + SignedBy(item));
        Row("serial", facts.SerialNumber);
        var (state, colour) = facts.StateAt(now, soon) switch
        {
            ValidityState.Expired => ($"expired {ValidityText.Relative(facts.NotAfter, now)}", Terminal.Red),
            ValidityState.NotYetValid => ($"begins {ValidityText.Relative(facts.NotBefore, now)}", Terminal.Red),
            ValidityState.Expiring => ($"{ValidityText.Span(facts.NotAfter - now)} left", Terminal.Yellow),
            _ => ($"{ValidityText.Span(facts.NotAfter - now)} left", Terminal.Green),
        };
        Row("valid", [$"{ValidityText.Moment(facts.NotBefore)[..^4]} to {ValidityText.Moment(facts.NotAfter)}", state], ", ", colour);
        Row("key", facts.Key.Description + SameKey(item));
        Names(facts.Names);
        if (facts.KeyUsages is { } usages)
            Row("key usage", usages.Count == 0 ? ["none"] : usages, ", ");
        Row("purposes", facts.ExtendedKeyUsages, ", ");
        if (facts.IsCa is { } isCa)
            Row("CA", isCa ? facts.PathLength is { } length ? $"yes, path length {length}" : "yes" : "no");
        Row("permits", facts.PermittedNames, ", ");
        Row("excludes", facts.ExcludedNames, ", ");
        Row("subject key", facts.SubjectKeyId);
        Row("issuer key", facts.AuthorityKeyId);
        Row("CRL", facts.CrlUrls, ", ");
        Row("OCSP", facts.OcspUrls, ", ");
        Row("issuer at", facts.IssuerUrls, ", ");
        Row("policies", [.. facts.Policies.Select(p => string.Join(' ', [p.Oid, .. p.Name is null ? (string[])[] : [$"({p.Name})"], .. p.Statements]))], ", ");
        Others(facts.OtherExtensions);
        Row("critical", [.. facts.CriticalExtensions.Select(OidNames.NameOf)], ", ");
        Row("signature", facts.SignatureAlgorithm);
        Row("SHA-256", facts.Sha256);
    }

    private void Write(InspectedItem item, RequestFacts facts)
    {
        Row("subject", facts.Subject.Length == 0 ? "(empty)" : facts.Subject);
        Row("key", facts.Key.Description + SameKey(item));
        Names(facts.Names);
        if (facts.KeyUsages is { } usages)
            Row("key usage", usages, ", ");
        Row("purposes", facts.ExtendedKeyUsages, ", ");
        if (facts.AsksForCa)
            Row("CA", "asked for");
        Row("attributes", facts.OtherAttributes, ", ");
        Others(facts.OtherExtensions);
        Row("signature", facts.SignatureAlgorithm + (facts.SignatureProblem is null ? ", made with this key" : ""));
        Row("public key", "SHA-256 " + facts.Key.Sha256);
    }

    private void Write(InspectedItem item, CertificateRevocationList list)
    {
        Row("issuer", list.Issuer + SignedBy(item));
        Row("number", list.Number?.ToString(CultureInfo.InvariantCulture) ?? "");
        Row("issued", $"{ValidityText.Moment(list.ThisUpdate)}, {ValidityText.Relative(list.ThisUpdate, now)}");
        if (list.NextUpdate is { } next)
            Row("next due", [ValidityText.Moment(next), ValidityText.Relative(next, now)], ", ", list.IsStaleAt(now) ? Terminal.Red : Terminal.Green);
        Row("issuer key", Convert.ToHexStringLower(list.AuthorityKeyIdentifier.Span));
        Row("signature", SignatureNames.NameOf(list.SignatureAlgorithm));
        Row("not read", [.. list.UnhandledCriticalExtensions.Select(OidNames.NameOf)], ", ");
        Row("revoked", list.Entries.Count == 0 ? "none" : list.Entries.Count.ToString(CultureInfo.InvariantCulture));
        foreach (var entry in list.Entries.Values.OrderByDescending(e => e.RevokedAt).Take(MaxRevoked))
        {
            Row("", $"{entry.SerialNumber} {ValidityText.Moment(entry.RevokedAt)}"
                + (entry.Reason == RevocationReason.Unspecified ? "" : $", {RevocationReasons.NameOf(entry.Reason)}"));
        }

        if (list.Entries.Count > MaxRevoked)
            Row("", $"and {list.Entries.Count - MaxRevoked} more (-o json)");
    }

    private void WriteKey(InspectedItem item, KeyFacts key, string form)
    {
        Row("key", key.Description + form);
        Row("public key", "SHA-256 " + key.Sha256);
        var same = relations.WithSameKey(item).Where(other => other.Content is CertificateContent or RequestContent).ToList();
        if (same.Count > 0)
            Row("belongs to", [.. same.Take(MaxOthers).Select(other => NameFrom(item, other)), .. More(same.Count)], ", ");
    }

    private void Names(IReadOnlyList<GeneralName> names)
    {
        foreach (var kind in names.GroupBy(name => GeneralNameWords.NameOf(name.Kind)))
            Row(kind.Key, [.. kind.Select(name => name.Text)], ", ");
    }

    private void Others(IReadOnlyList<ExtensionFact> extensions)
    {
        foreach (var extension in extensions)
        {
            var hex = Convert.ToHexStringLower(extension.Value.Span);
            Row("extension", $"{(extension.Name is { } name ? $"{name} ({extension.Oid})" : extension.Oid)}{(extension.IsCritical ? ", critical" : "")}: "
                + (extension.Text is { } text ? $"\"{text}\"" : hex.Length > MaxDump ? $"{hex[..MaxDump]}… ({extension.Value.Length} bytes)" : hex));
        }
    }

    private string SignedBy(InspectedItem item) => relations.SignerOf(item) is { } signer ? $", signed by {NameFrom(item, signer)}" : "";

    private string SameKey(InspectedItem item)
    {
        var keys = relations.WithSameKey(item).Where(other => other.Content is PrivateKeyContent).ToList();
        return keys.Count == 0 ? "" : $" ({string.Join(", ", [.. keys.Take(MaxOthers).Select(Name), .. More(keys.Count)])})";

        string Name(InspectedItem key) => NameFrom(item, key) is var name && name.StartsWith(key.Content.Kind, StringComparison.Ordinal) ? name : $"private key in {name}";
    }

    private static string[] More(int count) => count > MaxOthers ? [$"and {count - MaxOthers} more"] : [];

    /// <summary>How an item is called, seen from another one.</summary>
    private string NameFrom(InspectedItem here, InspectedItem item)
    {
        var source = relations.SourceOf(item);
        var number = source.Items.Index().First(i => ReferenceEquals(i.Item, item)).Index + 1;
        if (ReferenceEquals(source, relations.SourceOf(here)))
            return string.Create(CultureInfo.InvariantCulture, $"{item.Content.Kind} {number}");
        return item.Entry.Length > 0 ? $"{source.Name} ({item.Entry})"
            : source.Items.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{source.Name} ({item.Content.Kind} {number})")
            : source.Name;
    }

    private static string Place(InspectionFinding finding)
    {
        var name = finding.Source.Name;
        if (finding.Item is not { } item)
            return finding.Source.NamedBy is { } by ? $"{name} (named by {by})" : name;
        var subject = item.Facts?.Subject is { Length: > 0 } text ? $" {text}" : "";
        return $"{name}{(item.Entry.Length > 0 ? $" ({item.Entry})" : "")}{subject}";
    }

    private static (string Word, string Colour) Marked(InspectionSeverity severity) =>
        severity == InspectionSeverity.Error ? ("error", Terminal.Red) : ("warning", Terminal.Yellow);

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private void Row(string label, string value) => Row(label, [value], "");

    private void Row(string label, IReadOnlyList<string> values, string separator, string? lastColour = null)
    {
        if (values.Count > 0 && values.Any(value => value.Length > 0))
            Wrap($"  {label.PadRight(LabelWidth)}  ", values, separator, null, lastColour);
    }

    /// <summary>Writes values behind a start; what does not fit goes on below them.</summary>
    private void Wrap(string start, IReadOnlyList<string> values, string separator, string? colour = null, string? lastColour = null)
    {
        var (line, column) = (terminal.Paint(start, colour), start.Length);
        foreach (var (index, value) in values.Index())
        {
            var text = Printable.Of(value);
            var piece = text + (index < values.Count - 1 ? separator : "");
            if (index > 0 && column + piece.TrimEnd().Length > terminal.Width)
            {
                output.WriteLine(line.TrimEnd());
                (line, column) = (new string(' ', start.Length), start.Length);
            }

            line += index == values.Count - 1 ? terminal.Paint(piece, lastColour) : piece;
            column += piece.Length;
        }

        output.WriteLine(line.TrimEnd());
    }
}

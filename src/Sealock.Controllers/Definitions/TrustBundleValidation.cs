// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.Definitions;

/// <summary>What is wrong with a ClusterTrustBundle: its name belongs to its signer, and it holds CA certificates only.</summary>
internal static class TrustBundleValidation
{
    private const string BundleField = "spec.trustBundle";
    private const string SignerField = "spec.signerName";
    private const int LargestBundle = 1024 * 1024;

    public static IEnumerable<FieldError> Validate(ObjectOperation operation)
    {
        var (signerName, bundle) = Contents(operation.Object);
        List<FieldError> errors = [.. Name(operation.Object.Map("metadata")?.Text("name") ?? "", signerName)];
        if (signerName.Length > 0)
            errors.AddRange(SignerNames.Validate(SignerField, signerName));
        if (operation.Old is not { } old)
            return [.. errors, .. Bundle(bundle)];
        var (oldSignerName, oldBundle) = Contents(old);
        if (bundle != oldBundle)
            errors.AddRange(Bundle(bundle));
        if (signerName != oldSignerName)
            errors.Add(FieldError.Invalid(SignerField, GoText.Quote(signerName), "field is immutable"));
        return errors;
    }

    private static (string SignerName, string Bundle) Contents(JsonObject @object) =>
        @object.Map("spec") is { } spec ? (spec.Text("signerName"), spec.Text("trustBundle")) : ("", "");

    private static IEnumerable<FieldError> Name(string name, string signerName)
    {
        var prefix = signerName.Length == 0 ? "" : signerName.Replace('/', ':') + ":";
        IEnumerable<string> errors = (prefix.Length == 0, name.StartsWith(prefix, StringComparison.Ordinal)) switch
        {
            (true, _) when name.Contains(':', StringComparison.Ordinal) =>
                ["ClusterTrustBundle without signer name must not have \":\" in its name"],
            (_, true) => NameRules.DnsSubdomain(name[prefix.Length..]),
            _ => [$"ClusterTrustBundle for signerName {signerName} must be named with prefix {prefix}"],
        };
        return errors.Select(error => FieldError.Invalid("metadata.name", GoText.Quote(name), error));
    }

    private static IEnumerable<FieldError> Bundle(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > LargestBundle)
            return [new(FieldErrorType.TooLong, BundleField, null, $"may not be more than {LargestBundle} bytes")];
        List<string> errors = [];
        var indices = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var blocks = Blocks(text, errors);
        for (var entry = 0; entry < blocks.Count; entry++)
        {
            if (EntryError(blocks[entry]) is { } error)
                errors.Add($"entry {entry} {error}");
            else if (!indices.TryAdd(Convert.ToBase64String(blocks[entry].Content.Span), [entry]))
                indices[Convert.ToBase64String(blocks[entry].Content.Span)].Add(entry);
        }

        if (errors.Count == 0 && indices.Count == 0)
            errors.Add("at least one trust anchor must be provided");
        if (errors.Count == 0)
        {
            errors.AddRange(indices.Values.Where(same => same.Count > 1)
                .Select(same => $"duplicate trust anchor (indices [{string.Join(' ', same)}])"));
        }

        return errors.Select(error => FieldError.Invalid(BundleField, GoText.Quote("<value omitted>"), error));
    }

    private static IReadOnlyList<PemBlock> Blocks(string text, List<string> errors)
    {
        try
        {
            return PemDocument.Parse(text).Blocks;
        }
        catch (PkiFormatException fault)
        {
            errors.Add(fault.Message);
            return [];
        }
    }

    private static string? EntryError(PemBlock block)
    {
        if (block.Label != PemLabels.Certificate)
            return $"has bad block type: {block.Label}";
        if (block.Headers.Count > 0)
            return "has PEM block headers";
        try
        {
            return Certificate.Parse(block.Content).IsCa ? null : "does not have the CA bit set";
        }
        catch (PkiFormatException)
        {
            return "does not parse as X.509";
        }
    }
}

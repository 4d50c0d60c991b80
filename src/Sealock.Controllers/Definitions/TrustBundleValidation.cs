// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

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
        var entry = 0;
        for (var rest = text.AsSpan(); PemEncoding.TryFind(rest, out var fields); entry++)
        {
            var der = Convert.FromBase64String(rest[fields.Base64Data].ToString());
            if (EntryError(rest[fields.Label].ToString(), der) is { } error)
                errors.Add($"entry {entry} {error}");
            else if (!indices.TryAdd(Convert.ToBase64String(der), [entry]))
                indices[Convert.ToBase64String(der)].Add(entry);
            rest = rest[fields.Location.End.GetOffset(rest.Length)..];
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

    private static string? EntryError(string label, byte[] der)
    {
        if (label != "CERTIFICATE")
            return $"has bad block type: {label}";
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
            return constraints?.CertificateAuthority == true ? null : "does not have the CA bit set";
        }
        catch (CryptographicException)
        {
            return "does not parse as X.509";
        }
    }
}

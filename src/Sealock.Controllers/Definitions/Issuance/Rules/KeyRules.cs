// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>What a Certificate may say of its key, and of what the key is for.</summary>
internal static class KeyRules
{
    private const int SmallestRsa = 2048;
    private const int LargestRsa = 8192;

    public static IEnumerable<FieldError> Check(JsonObject spec, FieldPath path)
    {
        var key = spec.Map("privateKey") ?? [];
        var algorithm = key.Text("algorithm") is { Length: > 0 } named ? named : "RSA";
        return [.. Key(key, algorithm, path.Child("privateKey")), .. Signature(spec, algorithm, path), .. Usages(spec, path)];
    }

    private static IEnumerable<FieldError> Key(JsonObject key, string algorithm, FieldPath path)
    {
        var size = key.Number("size") ?? 0;
        switch (algorithm)
        {
            case "RSA" when size > 0 && size is < SmallestRsa or > LargestRsa:
                yield return path.Child("size").Invalid(size, $"must be between {SmallestRsa} and {LargestRsa} for rsa keyAlgorithm");
                break;
            case "ECDSA" when size > 0 && size is not (256 or 384 or 521):
                yield return FieldError.NotSupported(
                    path.Child("size").ToString(), size.ToString(System.Globalization.CultureInfo.InvariantCulture), ["256", "384", "521"]);
                break;
            case "RSA" or "ECDSA" or "Ed25519":
                break;
            default:
                yield return path.Child("algorithm").Invalid(algorithm, "must be either empty or one of rsa, ecdsa or ed25519");
                break;
        }
    }

    private static IEnumerable<FieldError> Signature(JsonObject spec, string algorithm, FieldPath path)
    {
        var signature = spec.Text("signatureAlgorithm");
        string[] allowed = algorithm switch
        {
            "RSA" => ["SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA"],
            "ECDSA" => ["ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512"],
            "Ed25519" => ["PureEd25519"],
            _ => [],
        };
        return signature.Length == 0 || allowed.Length == 0 || allowed.Contains(signature)
            ? []
            : [path.Child("signatureAlgorithm").Invalid(
                signature, $"for key algorithm {algorithm} the allowed signature algorithms are [{string.Join(' ', allowed)}]")];
    }

    private static IEnumerable<FieldError> Usages(JsonObject spec, FieldPath path) => spec.Texts("usages").Index()
        .Where(usage => !CertificateUsages.IsKnown(usage.Item))
        .Select(usage => path.Child("usages").Index(usage.Index).Invalid(usage.Item, "unknown keyusage"));
}

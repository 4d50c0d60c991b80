// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions;

/// <summary>Names of signers: the built-in ones, and the form of all (<c>domain/path</c>).</summary>
public static class SignerNames
{
    /// <summary>Client certificates for the API server.</summary>
    public const string KubeApiServerClient = "kubernetes.io/kube-apiserver-client";

    /// <summary>Client certificates with which kubelets call the API server.</summary>
    public const string KubeApiServerClientKubelet = "kubernetes.io/kube-apiserver-client-kubelet";

    /// <summary>Serving certificates of kubelets.</summary>
    public const string KubeletServing = "kubernetes.io/kubelet-serving";

    /// <summary>Requests of the time before signer names; refused on creation since <c>v1</c>.</summary>
    public const string LegacyUnknown = "kubernetes.io/legacy-unknown";

    private const int LongestDomain = 253;
    private const int LongestPath = 253 + 63 + 1;

    /// <summary>Whether a name belongs to the Kubernetes project.</summary>
    public static bool IsKubernetes(string signerName)
    {
        var domain = signerName.Split('/')[0];
        return domain == "kubernetes.io" || domain.EndsWith(".kubernetes.io", StringComparison.Ordinal);
    }

    /// <summary>What is wrong with the form of a signer name.</summary>
    internal static IEnumerable<FieldError> Validate(string field, string signerName)
    {
        if (signerName.Length == 0)
        {
            yield return FieldError.Required(field);
            yield break;
        }

        var segments = signerName.Split('/');
        if (segments is not [var domain, var path])
        {
            yield return FieldError.Invalid(
                field, GoText.Quote(signerName), "must be a fully qualified domain and path of the form 'example.com/signer-name'");
            yield break;
        }

        if (Encoding.UTF8.GetByteCount(domain) > LongestDomain)
            yield return TooLong(field, LongestDomain);
        var labels = domain.Split('.');
        foreach (var error in FirstBadLabel(field, domain, labels, NameRules.DnsLabel))
            yield return error;
        if (labels.Length < 2)
            yield return FieldError.Invalid(
                field, GoText.Quote(domain), "should be a domain with at least two segments separated by dots");
        foreach (var error in FirstBadLabel(field, path, path.Split('.'), NameRules.DnsSubdomain))
            yield return error;
        if (Encoding.UTF8.GetByteCount(signerName) > LongestDomain + 1 + LongestPath)
            yield return TooLong(field, LongestDomain + 1 + LongestPath);
    }

    private static IEnumerable<FieldError> FirstBadLabel(
        string field, string whole, string[] labels, Func<string, IReadOnlyList<string>> rule)
    {
        foreach (var label in labels)
        {
            var errors = rule(label);
            if (errors.Count > 0)
                return errors.Select(error => FieldError.Invalid(
                    field, GoText.Quote(whole), $"validating label {GoText.Quote(label)}: {error}"));
        }

        return [];
    }

    private static FieldError TooLong(string field, int bytes) =>
        new(FieldErrorType.TooLong, field, null, $"may not be more than {bytes} bytes");
}

// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether files are there and hold what their place says, as far as their form goes.</summary>
internal static class FileRules
{
    public static Rule<SurveyedFile> Missing { get; } = new("file-missing", Severity.Error,
        "The component that reads it does not start, or cannot be reached.",
        (survey, file) => file.IsMissing ? [new($"{file.PathOnNode} is missing", Remedies.Make(survey, file))] : []);

    public static Rule<SurveyedFile> Unreadable { get; } = new("file-unreadable", Severity.Error,
        "What cannot be read cannot be judged.",
        (_, file) => file.Body is NoBody { Problem: { } problem } ? [new($"{file.Path} cannot be read: {problem}", "run this as root, or as the owner of the file")] : []);

    public static Rule<SurveyedFile> Empty { get; } = new("file-empty", Severity.Error,
        "An interrupted copy or a full disk leaves empty files; the component that reads one does not start.",
        (survey, file) => file is { Length: 0, Body: TextBody } && Matters(file) ? [new("the file is empty", Remedies.Make(survey, file))] : []);

    public static Rule<SurveyedFile> NotPem { get; } = new("not-pem", Severity.Error,
        "Kubernetes reads certificates and keys in PEM only.",
        (survey, file) => !NeedsPem(file) ? [] : file.Body switch
        {
            PemBody { IsDer: true, Certificates.Count: > 0 } => [new("it is DER, not PEM", $"openssl x509 -inform der -in {file.Path} -out {file.Path}")],
            PemBody { IsDer: true } => [new("it is DER, not PEM", $"openssl pkey -inform der -in {file.Path} -out {file.Path}")],
            PemBody { BrokenBlocks: 0 } pem when pem.Malformed.Count == 0 && Holds(file, pem) is { } lacks => [new(lacks, Remedies.Make(survey, file))],
            PemBody => [],
            NoBody => [],
            _ => file.Length == 0 ? [] : [new("there is no PEM block in it", Remedies.Make(survey, file))],
        });

    public static Rule<SurveyedFile> Truncated { get; } = new("pem-broken", Severity.Error,
        "Readers skip a broken block without a word: what it held is simply not there.",
        (survey, file) => file.Pem is { BrokenBlocks: > 0 and var count }
            ? [new(count == 1 ? "a PEM block is cut off or broken" : $"{count} PEM blocks are cut off or broken", Remedies.Make(survey, file))]
            : []);

    public static Rule<SurveyedFile> Malformed { get; } = new("certificate-malformed", Severity.Error,
        "No verifier accepts it.",
        (survey, file) => file.Pem is { Malformed: [var problem, ..] } ? [new(problem, Remedies.Make(survey, file))] : []);

    public static Rule<SurveyedFile> KeyInCertificateFile { get; } = new("key-in-certificate-file", Severity.Error,
        "Certificate files are readable for everyone and are handed around; a key among them is no secret any more.",
        (survey, file) => file.Pem is { PrivateKeys.Count: > 0, Certificates.Count: > 0 } && !IsKubeletPair(file)
            ? [new("a private key stands in a file of certificates",
                file.Role.Kind is RoleKind.AuthorityBundle or RoleKind.SigningCertificate
                    ? $"take the key out, and {Remedies.Rotate(survey, file.Role.Authority)}, since the key may be known to others"
                    : $"take the key out, and {Remedies.Reissue(survey, file)}, since the key may be known to others")]
            : []);

    public static Rule<SurveyedFile> OpenSslConfiguration { get; } = new("openssl-configuration", Severity.Error,
        "openssl refuses such a configuration or leaves the extension out, so that the certificate lacks what was asked for.",
        (_, file) => ComponentSearch.IsOpenSslConfiguration(file) && file.Body is TextBody { Text: var text }
            ? OpenSslText.Mistakes(text).Select(mistake => new Fault(mistake.What, mistake.Fix))
            : []);

    /// <summary>Empty files of other kinds are nobody's business.</summary>
    private static bool Matters(SurveyedFile file) =>
        file.Role.Kind != RoleKind.Unknown || RoleNames.IsCertificateName(file.Path) || file.Path.EndsWith(".key", StringComparison.Ordinal);

    private static bool NeedsPem(SurveyedFile file) => file.Role.Kind is RoleKind.AuthorityBundle or RoleKind.SigningCertificate or RoleKind.AuthorityKey
        or RoleKind.Leaf or RoleKind.LeafKey or RoleKind.ServiceAccountKey or RoleKind.ServiceAccountPublicKeys;

    private static string? Holds(SurveyedFile file, PemBody pem) => file.Role.Kind switch
    {
        RoleKind.AuthorityBundle or RoleKind.SigningCertificate or RoleKind.Leaf when pem.Certificates.Count == 0 => "there is no certificate in it",
        RoleKind.AuthorityKey or RoleKind.LeafKey or RoleKind.ServiceAccountKey when pem.PrivateKeys.Count == 0 => "there is no private key in it",
        RoleKind.ServiceAccountPublicKeys when pem.PublicKeys.Count == 0 && pem.PrivateKeys.Count == 0 && pem.Certificates.Count == 0 => "there is no public key in it",
        _ => null,
    };

    /// <summary>Kubelets keep certificate and key in one file that is as secret as the key.</summary>
    private static bool IsKubeletPair(SurveyedFile file) => Path.GetFileName(file.Path) is var name
        && (name.StartsWith("kubelet-client-", StringComparison.Ordinal) || name.StartsWith("kubelet-server-", StringComparison.Ordinal));
}

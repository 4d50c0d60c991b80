// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;

namespace Sealock.Cluster.Verifying.Rules;

/// <summary>Whether keys can be used and belong to their certificates.</summary>
internal static class KeyRules
{
    public static Rule<SurveyedFile> Unreadable { get; } = new("key-unreadable", Severity.Error,
        "The component cannot start with it.",
        (survey, file) => KeyOf(file) switch
        {
            // The tool that signs asks for the passphrase; no component does.
            { IsEncrypted: true } when file.Role.Kind is RoleKind.AuthorityKey or RoleKind.Unknown => [],
            { IsEncrypted: true } => [new("the key is encrypted, and no component asks for a passphrase", $"openssl pkey -in {file.Path} -out {file.Path}")],
            { Problem: { } problem } => [new($"the key cannot be read: {problem}", Remedies.Reissue(survey, file))],
            _ => [],
        });

    public static Rule<SurveyedFile> Weak { get; } = new("key-weak", Severity.Error,
        "Such keys can be broken; current TLS libraries refuse them.",
        (survey, file) => file.Role.Kind == RoleKind.ServiceAccountKey && KeyOf(file)?.Public is { IsWeak: true } key
            ? [new($"the service account key is weak ({key.Description})", "sealock pki rotate sa")]
            : []);

    public static Rule<SurveyedLeaf> Missing { get; } = new("key-missing", Severity.Error,
        "A certificate without its key proves nothing: the component cannot start.",
        (survey, leaf) => leaf.Key is null && leaf.KeyFile is null && IsUsedHere(survey, leaf)
            ? [new(leaf.File.Body is KubeconfigBody ? "the kubeconfig has a client certificate but no key" : $"there is no key for {leaf.File.PathOnNode}",
                Remedies.Reissue(survey, leaf.File))]
            : []);

    public static Rule<SurveyedLeaf> Mismatch { get; } = new("key-mismatch", Severity.Error,
        "A TLS server does not start, and a client is refused, with a key that is not the certificate's.",
        (survey, leaf) =>
        {
            if (leaf.Key?.Public is not { } key || key.Equals(leaf.Certificate.PublicKey))
                return [];
            var owner = survey.Files.FirstOrDefault(file => KeyOf(file)?.Public?.Equals(leaf.Certificate.PublicKey) == true);
            var keyPath = leaf.KeyFile?.PathOnNode ?? leaf.File.PathOnNode;
            return [new(owner is null
                ? $"{keyPath} is not the key of {leaf.File.PathOnNode}"
                : $"{keyPath} is not the key of {leaf.File.PathOnNode}: the certificate was made for the key in {owner.PathOnNode}",
                Remedies.Reissue(survey, leaf.File))];
        });

    private static SurveyedKey? KeyOf(SurveyedFile file) => file.Body switch
    {
        PemBody { PrivateKeys: [var key, ..] } => key,
        KubeconfigBody { Client.PrivateKeys: [var key, ..] } => key,
        _ => null,
    };

    /// <summary>In a loose folder, a certificate whose name says nothing may be there for reference only. A missing file is told by its own rule.</summary>
    private static bool IsUsedHere(Survey survey, SurveyedLeaf leaf) =>
        leaf.Expected is not null && leaf.File.Planned is null
        && !(survey.Scope.Plan is null && leaf.Expected.Name == "kubelet-serving" && leaf.File.Body is not PemBody);
}

// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Revocation.Definitions;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>Whether the certificate is revoked. One on hold is waited for; what was revoked for good is replaced.</summary>
internal static class RevocationChecks
{
    private const string KeyCompromise = "keyCompromise";

    public static string? Revoked(CertificateState state) => state.Revocation?.Reason switch
    {
        null => null,
        RevocationDefinitions.Hold => $"the certificate is on hold ({RevocationDefinitions.Hold})",
        KeyCompromise when state.Spec.PrivateKey.Keeps =>
            "the certificate was revoked because its key is known to someone else, and rotationPolicy Never keeps the key; set Always, or delete the Secret",
        var reason => $"the certificate was revoked ({reason})",
    };

    public static string? RevokedForGood(CertificateState state) => state.Revocation?.Reason switch
    {
        RevocationDefinitions.Hold => null,
        KeyCompromise when state.Spec.PrivateKey.Keeps => null,
        _ => Revoked(state),
    };
}

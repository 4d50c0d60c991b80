// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// Where a signer's CA comes from: files, or a Secret. The CA may be replaced at any time; who signs asks each time.
/// </summary>
public interface ISigningAuthority
{
    /// <summary>The CA to sign with now, or why there is none.</summary>
    SigningAuthorityState Current { get; }
}

/// <summary>A CA, or the reason for its absence in plain words.</summary>
public sealed record SigningAuthorityState(CertificateAuthority? Authority, string Problem)
{
    /// <summary>There is a CA.</summary>
    public static SigningAuthorityState Ready(CertificateAuthority authority) => new(authority, "");

    /// <summary>There is none.</summary>
    public static SigningAuthorityState Missing(string problem) => new(null, problem);
}

/// <summary>A CA that never changes.</summary>
public sealed class FixedAuthority(CertificateAuthority authority) : ISigningAuthority
{
    /// <inheritdoc/>
    public SigningAuthorityState Current { get; } = SigningAuthorityState.Ready(authority);
}

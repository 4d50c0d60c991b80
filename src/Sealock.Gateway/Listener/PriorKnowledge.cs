// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Tells Kestrel that a plain connection speaks HTTP/2, which its first bytes have shown (RFC 9113 section 3.3). Of connections
/// without TLS, Kestrel on its own takes all for HTTP/1.1.
/// </summary>
internal sealed class PriorKnowledge : ITlsApplicationProtocolFeature, ITlsConnectionFeature
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();

    /// <inheritdoc/>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <inheritdoc/>
    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) =>
        Task.FromResult<X509Certificate2?>(null);
}

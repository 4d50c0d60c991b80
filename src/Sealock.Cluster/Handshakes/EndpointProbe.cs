// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Tls;

namespace Sealock.Cluster.Handshakes;

/// <summary>Asks an endpoint by one handshake which certificate it serves.</summary>
public static class EndpointProbe
{
    /// <summary>
    /// Connects, makes a handshake that trusts anyone, and closes. Failures of the endpoint or the network are values;
    /// only cancellation throws.
    /// </summary>
    public static async Task<EndpointAnswer> FetchAsync(
        EndpointQuestion question, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = clock.GetTimestamp();
        var observation = await TlsConnection.ObserveAsync(
            question, ConnectionPurpose.Tell, clock, () => clock.GetElapsedTime(start), cancellationToken);
        var facts = HandshakeFacts.Of(observation);
        return new()
        {
            Chain = facts.ServerChain,
            Version = facts.Version is { } version ? TlsNames.Version(version) : null,
            CipherSuite = facts.CipherSuite is { } suite ? TlsNames.CipherSuite(suite) : null,
            ApplicationProtocol = facts.ApplicationProtocol,
            ClientCertificateRequested = facts.CertificateRequested,
            Failure = HandshakeDiagnosis.Explain(observation)?.Reason,
        };
    }
}

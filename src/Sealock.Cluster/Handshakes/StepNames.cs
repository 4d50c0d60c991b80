// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Handshakes;

/// <summary>What the steps are called.</summary>
public static class StepNames
{
    /// <summary>A few words.</summary>
    public static string Of(HandshakeStep step) => step switch
    {
        HandshakeStep.Connection => "connection",
        HandshakeStep.ClientHello => "client hello",
        HandshakeStep.ServerHello => "server hello",
        HandshakeStep.ServerVerification => "server certificate verified",
        HandshakeStep.KeyExchange => "key exchange",
        HandshakeStep.ClientCertificate => "client certificate",
        HandshakeStep.ClientVerification => "client certificate verified by the server",
        HandshakeStep.ClientFinished => "client \"finished\"",
        HandshakeStep.ServerFinished => "server \"finished\"",
        _ => "messages",
    };
}

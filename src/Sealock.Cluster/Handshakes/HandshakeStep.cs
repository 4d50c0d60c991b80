// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Handshakes;

/// <summary>The nine steps in which a handshake is told, and the connection before them.</summary>
public enum HandshakeStep
{
    /// <summary>The name's resolution and the TCP connection.</summary>
    Connection = 0,

    /// <summary>The client says what it can.</summary>
    ClientHello = 1,

    /// <summary>The server chooses, shows its certificate, and may ask for one.</summary>
    ServerHello = 2,

    /// <summary>The client verifies the server's certificate.</summary>
    ServerVerification = 3,

    /// <summary>Both make the same secret key.</summary>
    KeyExchange = 4,

    /// <summary>The client shows its certificate and proves that it has the key, or says that it has none.</summary>
    ClientCertificate = 5,

    /// <summary>The server verifies the client's certificate.</summary>
    ClientVerification = 6,

    /// <summary>The client's "finished", encrypted.</summary>
    ClientFinished = 7,

    /// <summary>The server's "finished", encrypted.</summary>
    ServerFinished = 8,

    /// <summary>Encrypted messages go to and fro.</summary>
    Messages = 9,
}

/// <summary>Why a handshake did not succeed.</summary>
/// <param name="Step">In which step.</param>
/// <param name="Reason">Why, in plain words.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record HandshakeFailure(HandshakeStep Step, string Reason, string Remedy);

// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Security.Cryptography;
using Sealock.Gateway.Listener;

namespace Sealock.Gateway.Authentication;

/// <summary>All that a client has presented in a handshake, byte for byte, as its SHA-256.</summary>
internal readonly record struct PresentedChain(UInt128 First, UInt128 Second)
{
    /// <summary>What was presented on a connection.</summary>
    public static PresentedChain Of(ClientConnection connection)
    {
        // DER tells where each ends, so that one after the other they cannot be read in two ways.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(connection.Certificate.Span);
        foreach (var other in connection.Chain)
            hash.AppendData(other.Span);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new PresentedChain(BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
    }
}

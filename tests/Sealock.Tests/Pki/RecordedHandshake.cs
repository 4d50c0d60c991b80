// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Tests.Pki;

/// <summary>A handshake of a real server with SslStream, recorded: what the client (&gt;) and the server (&lt;) sent, in order.</summary>
internal sealed record RecordedHandshake(string Name, IReadOnlyList<(bool FromClient, byte[] Bytes)> Pieces)
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Pki", "Handshakes");

    public static IReadOnlyList<RecordedHandshake> All { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.txt").Order(StringComparer.Ordinal).Select(file => Read(Path.GetFileNameWithoutExtension(file)))];

    public byte[] Client => [.. Pieces.Where(piece => piece.FromClient).SelectMany(piece => piece.Bytes)];

    public byte[] Server => [.. Pieces.Where(piece => !piece.FromClient).SelectMany(piece => piece.Bytes)];

    public static RecordedHandshake Read(string name) => new(name,
        [.. File.ReadLines(Path.Combine(Folder, name + ".txt")).Where(line => line.Length > 2 && line[0] is '>' or '<')
            .Select(line => (line[0] == '>', Convert.FromHexString(line[2..])))]);
}

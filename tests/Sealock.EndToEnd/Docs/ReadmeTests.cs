// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Docs;

/// <summary>The README is run while no other test is, since its first command builds the program that they start.</summary>
[Collection(Alone.Name)]
public sealed class ReadmeTests
{
    [PeerFact("kubectl", "openssl")]
    public Task Shell_blocks_work_as_they_stand() => Document.RunAsync("README.md");
}

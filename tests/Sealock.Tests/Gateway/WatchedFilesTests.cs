// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Files;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

public sealed class WatchedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-watched-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(WatcherChangeTypes.Changed, "policy.yaml", true)]
    [InlineData(WatcherChangeTypes.Changed, "audit.log", false)]
    [InlineData(WatcherChangeTypes.Created, "policy.yaml", true)]
    [InlineData(WatcherChangeTypes.Renamed, "policy.yaml", true)]
    [InlineData(WatcherChangeTypes.Created, "..data_tmp", true)]
    [InlineData(WatcherChangeTypes.Renamed, "..data", true)]
    public void A_log_that_grows_beside_the_files_does_not_concern_them(WatcherChangeTypes change, string name, bool concerns) =>
        Assert.Equal(concerns, WatchedFiles.MayConcern(change, name, new HashSet<string> { "policy.yaml", "tokens.csv" }));

    [Fact]
    public async Task A_change_is_told_once_the_directory_is_quiet()
    {
        var clock = new FakeTimeProvider();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var file = Path.Combine(_folder, "policy.yaml");
        await File.WriteAllTextAsync(file, "one");
        using var watched = new WatchedFiles([file], clock, TimeSpan.FromHours(1), told.SetResult);
        watched.Start();
        await File.WriteAllTextAsync(file, "two");
        // The poll is one, what waits for quiet the other.
        while (clock.PendingTimers < 2)
            await Task.Yield();
        Assert.False(told.Task.IsCompleted);
        while (!told.Task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }
    }
}

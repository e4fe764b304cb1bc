use super::*;
use crate::repositories::contract::{self, sample};

async fn shop(root: &Path) -> (BareDirectory, PathBuf, String) {
    let provider = BareDirectory::new(root);
    let made = provider.create(&sample("p", "shop", &contract::files("x"))).await.unwrap();
    (provider, root.join(&made.location), made.initial_commit_id)
}

#[tokio::test]
async fn keeps_the_contract() {
    let root = tempfile::tempdir().unwrap();
    contract::repository_provider(&BareDirectory::new(root.path().join("not/yet/there"))).await;
}

#[tokio::test]
async fn a_repository_with_work_in_it_is_kept() {
    let other = "1".repeat(40);
    let packed = format!("# pack-refs with: peeled\n{other} refs/heads/feature\n");
    for (file, text) in [
        ("refs/heads/main", other.as_str()),
        ("refs/heads/feature", other.as_str()),
        ("refs/tags/v1", other.as_str()),
        ("packed-refs", packed.as_str()),
    ] {
        let root = tempfile::tempdir().unwrap();
        let (provider, place, id) = shop(root.path()).await;
        fs::write(place.join(file), text).unwrap();
        for expected in [None, Some(id.as_str())] {
            let discarded = provider.discard("t", "p", "shop", expected).await.unwrap();
            assert_eq!(discarded, Discarded::KeptTouched, "{file}");
        }
        assert!(place.join("HEAD").exists());
        let again = provider.create(&sample("p", "shop", &contract::files("x"))).await.unwrap();
        assert_eq!(again.initial_commit_id, id, "it still is the one that was made");
    }
}

#[tokio::test]
async fn git_may_pack_the_references() {
    let root = tempfile::tempdir().unwrap();
    let (provider, place, id) = shop(root.path()).await;
    fs::remove_file(place.join(MAIN_REF)).unwrap();
    fs::write(place.join("packed-refs"), format!("# pack-refs with: peeled\n{id} {MAIN_REF}\n")).unwrap();
    assert_eq!(provider.discard("t", "p", "shop", Some(&id)).await.unwrap(), Discarded::Removed);
}

#[tokio::test]
async fn only_the_expected_commit_is_discarded() {
    let root = tempfile::tempdir().unwrap();
    let (provider, place, _) = shop(root.path()).await;
    let other = "1".repeat(40);
    assert_eq!(provider.discard("t", "p", "shop", Some(&other)).await.unwrap(), Discarded::KeptTouched);
    assert!(place.exists());
}

#[tokio::test]
async fn a_directory_that_is_no_repository_of_ours_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().join("t/p/shop.git");
    fs::create_dir_all(place.join("refs")).unwrap();
    let provider = BareDirectory::new(root.path());
    let made = provider.create(&sample("p", "shop", &contract::files("x"))).await;
    assert!(matches!(made, Err(ProviderError::Taken(_))));
    assert_eq!(provider.discard("t", "p", "shop", None).await.unwrap(), Discarded::KeptTouched);
}

#[tokio::test]
async fn nothing_but_the_repository_stays() {
    let root = tempfile::tempdir().unwrap();
    let (provider, place, _) = shop(root.path()).await;
    let directory = place.parent().unwrap();
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1, "no draft");
    provider.discard("t", "p", "shop", None).await.unwrap();
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_killed_process_left_is_cleared_away() {
    let root = tempfile::tempdir().unwrap();
    let (provider, place, id) = shop(root.path()).await;
    let directory = place.parent().unwrap();
    let drafted = || fs::create_dir_all(beside(directory, SCRAP).join("objects")).unwrap();
    drafted();
    provider.create(&sample("p", "shop", &contract::files("x"))).await.unwrap();
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1, "when it is made again");

    // Killed between the two looks of a removal: it is not lost, and the removal can be done again.
    fs::rename(&place, beside(directory, ASIDE)).unwrap();
    drafted();
    let other = "1".repeat(40);
    assert_eq!(provider.discard("t", "p", "shop", Some(&other)).await.unwrap(), Discarded::KeptTouched);
    assert!(place.join("HEAD").exists());
    fs::rename(&place, beside(directory, ASIDE)).unwrap();
    assert_eq!(provider.discard("t", "p", "shop", Some(&id)).await.unwrap(), Discarded::Removed);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0);

    drafted();
    assert_eq!(provider.discard("t", "p", "shop", None).await.unwrap(), Discarded::Absent);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 0, "when there was only a draft");
}

#[tokio::test]
async fn the_description_is_where_git_s_web_pages_look_for_it() {
    let root = tempfile::tempdir().unwrap();
    let (provider, place, _) = shop(root.path()).await;
    let policies = Policies { description: Some("Sells things"), protect_default_branch: true };
    let configured = provider.configure("t", "p", "shop", policies).await.unwrap();
    assert_eq!((configured.applied, configured.skipped), (vec![DESCRIPTION], vec!["protect-default-branch"]));
    assert_eq!(fs::read_to_string(place.join("description")).unwrap(), "Sells things\n");
}
